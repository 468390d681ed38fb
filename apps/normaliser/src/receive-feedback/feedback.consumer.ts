import { Controller } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { FEEDBACK_TOPIC } from '#libs/events';
import { BatchHandler, type RecordBatch } from '#libs/messaging';
import { changeState } from '#libs/persistence';
import { crashPoint } from '#libs/runtime';
import { NormaliserDatabase } from '../injection.js';
import { DirectoryReader } from '../read-directory/directory-snapshot.js';
import { openDisputes, type DisputeGiven } from '../settle-disputes/open-disputes.js';
import { readGiven } from './read-given.js';

/** Takes the disputes out of what platforms answer; the rest is nothing to this app. A repeat changes nothing. */
@Controller()
export class FeedbackConsumer {
  constructor(
    @NormaliserDatabase() private readonly database: DataSource,
    private readonly directoryReader: DirectoryReader,
  ) {}

  @BatchHandler(FEEDBACK_TOPIC)
  async receive(batch: RecordBatch): Promise<void> {
    const disputes = batch.records.map(readGiven).flatMap(({ feedback, ...given }): DisputeGiven[] => {
      return feedback.kind === 'dispute' ? [{ ...given, rowId: feedback.row_id, reason: feedback.reason }] : [];
    });
    if (disputes.length === 0) return;
    const directory = await this.directoryReader.read();
    await changeState(this.database, 'normaliser', async (manager) => {
      const { heard, rows } = await openDisputes(manager, directory, disputes, new Date());
      if (heard === 0) return { result: undefined, audit: undefined };
      const audit = {
        actor: 'service:normaliser',
        action: 'receive-disputes',
        subject: 'disputes',
        detail: { disputes: heard, rows },
      };
      return { result: undefined, audit };
    });
    crashPoint('after-effect-before-offset');
  }
}
