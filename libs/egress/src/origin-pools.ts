import { Pool } from 'undici';
import { transient } from '#libs/domain';

interface Entry {
  pool: Pool;
  inUse: number;
}

/**
 * Connection pools by origin and by who talks to it, a bounded number of them: where several are served by one origin,
 * nobody waits for the connections of another. Undici's Agent bounds origins too, but forgets to let go of one
 * whose last request was aborted, so that strangers' dead servers would fill it for good.
 */
export class OriginPools {
  /** In order of last use, the oldest first. */
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly options: Pool.Options,
    private readonly most: number,
  ) {}

  /**
   * Lends the pool of an origin for one exchange.
   * @param party on whose behalf
   * @throws a transient when every pool is in use
   */
  async use<Result>(origin: string, party: string, exchange: (pool: Pool) => Promise<Result>): Promise<Result> {
    const key = `${party} ${origin}`;
    const entry = this.#entries.get(key) ?? this.#open(origin);
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    entry.inUse++;
    try {
      return await exchange(entry.pool);
    } finally {
      entry.inUse--;
    }
  }

  #open(origin: string): Entry {
    if (this.#entries.size >= this.most) this.#evict();
    return { pool: new Pool(origin, this.options), inUse: 0 };
  }

  #evict(): void {
    for (const [key, { pool, inUse }] of this.#entries) {
      if (inUse > 0) continue;
      this.#entries.delete(key);
      void pool.destroy();
      return;
    }
    throw transient('TOC_PEER_UNAVAILABLE', 'Too many servers are being talked to at once.');
  }

  /** Ends every connection; exchanges under way fail. */
  async close(): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ pool }) => pool.destroy()));
  }
}
