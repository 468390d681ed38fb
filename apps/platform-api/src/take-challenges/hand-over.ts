import type { DataSource } from 'typeorm';
import type { PeerClient } from '#libs/access';
import { query, withoutAudit } from '#libs/persistence';

const AT_ONCE = 100;
/** Half of what a service of ours takes as one body. */
const MOST_BYTES = 512 * 1024;
const LOOK_AGAIN_MS = 5_000;

/** Hands challenges over to the normaliser, which knows what is listed, and forgets them. */
export class ChallengeHandOver {
  constructor(
    private readonly database: DataSource,
    private readonly normaliser: PeerClient,
  ) {}

  /** Some of them. A repeat after a crash opens nothing a second time. @returns what the loop does next */
  async step(): Promise<'again' | number> {
    const waiting = await query<{ id: string; said: object; received_at: Date }>(
      this.database,
      `SELECT id, said, received_at FROM (
         SELECT *, row_number() OVER o AS nth, sum(octet_length(said::text)) OVER o AS bytes
           FROM (SELECT id, said, received_at FROM platform_api.challenge ORDER BY id LIMIT ${AT_ONCE}) first
         WINDOW o AS (ORDER BY id)) c
        WHERE nth = 1 OR bytes <= ${MOST_BYTES} ORDER BY id`,
    );
    if (waiting.length === 0) return LOOK_AGAIN_MS;
    const challenges = waiting.map(({ said, received_at }) => ({ said, received_at }));
    await this.normaliser.request('POST', '/internal/public-challenges', { json: { challenges } });
    await withoutAudit(this.database, (manager) =>
      manager.query('DELETE FROM platform_api.challenge WHERE id = ANY($1)', [waiting.map(({ id }) => id)]),
    );
    return 'again';
  }
}
