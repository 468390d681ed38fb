import type { DataSource } from 'typeorm';
import { changeState } from '#libs/persistence';
import { readAgain } from '../hold-for-a-person/holds.js';
import { isStoppedAgency } from './stops.js';

const LOOK_AGAIN_MS = 1000;

/** Has revisions that waited for the end of a stop read again, once it is lifted. */
export class WithheldRevisions {
  constructor(
    private readonly database: DataSource,
    private readonly wakeWorkers: () => void,
  ) {}

  /** One revision. @returns what the loop does next: again at once, or milliseconds to wait */
  async step(): Promise<'again' | number> {
    const resumed = await changeState(this.database, 'normaliser', async (manager) => {
      const [due] = await manager.query<{ submission_id: string }[]>(
        `SELECT j.submission_id FROM normaliser.job j
          WHERE j.state = 'held' AND NOT ${isStoppedAgency('j.agency_id::text')}
            AND j.submission_id IN (SELECT h.submission_id FROM normaliser.hold h
                                     WHERE h.state = 'open' AND h.reason = 'publishing-stopped')
          LIMIT 1 FOR UPDATE OF j SKIP LOCKED`,
      );
      if (!due) return { result: false, audit: undefined };
      await readAgain(manager, due.submission_id, 'submission', 'advisory_id = advisory_id');
      const audit = {
        actor: 'service:normaliser',
        action: 'resume-revision',
        subject: `submission/${due.submission_id}`,
        reason: 'the stop was lifted',
      };
      return { result: true, audit };
    });
    if (!resumed) return LOOK_AGAIN_MS;
    this.wakeWorkers();
    return 'again';
  }
}
