import { Controller } from '@nestjs/common';
import { NO_ITEMS } from '#libs/domain';
import { SUBMISSIONS_TOPIC } from '#libs/events';
import { BatchHandler, type RecordBatch } from '#libs/messaging';
import { changeState } from '#libs/persistence';
import { crashPoint } from '#libs/runtime';
import type { DataSource } from 'typeorm';
import { NormaliserDatabase } from '../injection.js';
import { Wakers } from '../work-through-jobs/wakers.js';
import { readAccepted } from './read-accepted.js';

/** Takes note of submissions: one job row each, nothing more. A repeat finds the job there and changes nothing. */
@Controller()
export class SubmissionsConsumer {
  constructor(
    @NormaliserDatabase() private readonly database: DataSource,
    private readonly wakers: Wakers,
  ) {}

  @BatchHandler(SUBMISSIONS_TOPIC)
  async receive(batch: RecordBatch): Promise<void> {
    const accepted = batch.records.map(readAccepted);
    await changeState(this.database, 'normaliser', async (manager) => {
      const inserted = await manager.query<{ submission_id: string }[]>(
        `INSERT INTO normaliser.job (submission_id, kind, agency_id, person_id, key_id, format, advisory_id, bytes, bytes_left, lane, received_at, counts)
         SELECT j.submission_id, j.kind, j.agency_id, j.person_id, j.key_id, j.format, j.advisory_id, j.bytes, j.bytes, j.lane, j.received_at, $2
           FROM jsonb_to_recordset($1) AS j(submission_id uuid, kind text, agency_id uuid, person_id uuid, key_id text, format text,
                advisory_id uuid, bytes bigint, lane smallint, received_at timestamptz)
         ON CONFLICT DO NOTHING RETURNING submission_id`,
        [
          JSON.stringify(accepted.map((event) => ({ ...event, lane: event.kind === 'retraction' ? 0 : event.lane }))),
          JSON.stringify(NO_ITEMS),
        ],
      );
      if (inserted.length === 0) return { result: undefined, audit: undefined };
      const ids = inserted.map((row) => row.submission_id);
      const audit = {
        actor: 'service:normaliser',
        action: 'receive-submissions',
        subject: `submission/${ids[0]}`,
        detail: { submissions: ids },
      };
      return { result: undefined, audit };
    });
    crashPoint('after-effect-before-offset');
    this.wakers.wake();
  }
}
