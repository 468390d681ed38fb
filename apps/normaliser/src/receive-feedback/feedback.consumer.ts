import { Controller } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { FEEDBACK_TOPIC } from '#libs/events';
import { BatchHandler, type RecordBatch } from '#libs/messaging';
import { changeState } from '#libs/persistence';
import { crashPoint } from '#libs/runtime';
import { takeOutcomes } from '../count-outcomes/take-outcomes.js';
import { NormaliserDatabase } from '../injection.js';
import { DirectoryReader } from '../read-directory/directory-snapshot.js';
import { openDisputes, type DisputeGiven } from '../settle-disputes/open-disputes.js';
import { readGiven } from './read-given.js';

/** Takes the disputes out of what platforms answer, and counts what is counted. A repeat changes nothing. */
@Controller()
export class FeedbackConsumer {
  constructor(
    @NormaliserDatabase() private readonly database: DataSource,
    private readonly directoryReader: DirectoryReader,
  ) {}

  @BatchHandler(FEEDBACK_TOPIC)
  async receive(batch: RecordBatch): Promise<void> {
    const given = batch.records.map(readGiven);
    const disputes = given.flatMap(({ feedback, ...answer }): DisputeGiven[] => {
      return feedback.kind === 'dispute' ? [{ ...answer, rowId: feedback.row_id, reason: feedback.reason }] : [];
    });
    const directory = await this.directoryReader.read();
    await changeState(this.database, 'normaliser', async (manager) => {
      const now = new Date();
      const { heard, rows } =
        disputes.length > 0 ? await openDisputes(manager, directory, disputes, now) : { heard: 0, rows: 0 };
      const { counted, named } = await takeOutcomes(manager, given, now);
      if (heard + counted + named === 0) return { result: undefined, audit: undefined };
      const audit = {
        actor: 'service:normaliser',
        action: 'receive-feedback',
        subject: 'feedback',
        detail: { disputes: heard, rows, counted, named },
      };
      return { result: undefined, audit };
    });
    crashPoint('after-effect-before-offset');
  }
}
