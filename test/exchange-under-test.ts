import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { repositoryRoot } from '#libs/embedded';
import { ApiClient } from '../tools/local-exchange/api-client.js';
import { LocalExchange, type LocalExchangeOptions } from '../tools/local-exchange/local-exchange.js';

export const HARBOUR = 'Harbour Content Office';
export const CELLULE = 'Ministère exemple, cellule en ligne';

/** What an officer says beside a document, with nothing left open. */
export const COMPLETE: Readonly<Record<string, string>> = {
  harm: 'tvec',
  context: 'perpetrator-produced',
  legal_basis: 'Example Act 2019, section 4',
  nature: 'information',
  origin: 'own-finding',
  valid_for: '30',
  tlp: 'green',
  contact_desk: 'night-desk',
};

/** A submission's story as the interface tells it. */
export interface Told {
  id: string;
  state: string;
  counts: Record<string, number>;
  channels: string[];
  advisories: { id: string }[];
  holds: { id: string; reason: string; state: string }[];
  problem?: { code: string };
}

/** What a receiver of the demonstration holds of a row. */
export interface HeldRow {
  state: 'live' | 'withdrawn';
  version: number;
  record: {
    id: string;
    type: string;
    channel: string;
    row_id: string;
    signal?: { type: string; value: string };
    restore?: boolean;
    reason?: string;
  };
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const SLOW_MS = 90_000;

/** A whole exchange with its platforms, started for one spec, and what specs ask of it. */
export class ExchangeUnderTest {
  private constructor(
    readonly exchange: LocalExchange,
    readonly database: pg.Pool,
    private readonly dir: string,
  ) {}

  static async start(name: string, more?: LocalExchangeOptions['more']): Promise<ExchangeUnderTest> {
    const dir = join(repositoryRoot(), 'var', 'under-test', `${name}-${process.pid}`);
    const exchange = await LocalExchange.start({
      dir,
      cacheDir: process.env.TOCSIN_CACHE_DIR ?? join(repositoryRoot(), 'var'),
      reset: true,
      portBase: 'free',
      durability: 'test',
      environment: 'test',
      more,
      say: () => undefined,
      onUnexpectedEnd: () => undefined,
    });
    return new ExchangeUnderTest(exchange, new pg.Pool({ connectionString: exchange.servers.ownerUrl, max: 2 }), dir);
  }

  async stop(): Promise<void> {
    await this.database.end();
    await this.exchange.stop();
    await rm(this.dir, { recursive: true, force: true });
  }

  officer(organisation = HARBOUR, role = 'officer'): ApiClient {
    return new ApiClient(this.exchange.url('intake'), this.exchange.key(organisation, role));
  }

  /** An operator at the console; `second` is another person. */
  operator(second = false): ApiClient {
    const operators = this.exchange.file.state.people.filter(({ role }) => role === 'operator');
    return new ApiClient(this.exchange.url('console'), operators[second ? 1 : 0]?.key ?? '');
  }

  admin(platform: string): ApiClient {
    return new ApiClient(this.exchange.url('console'), this.exchange.key(platform, 'admin'));
  }

  /** Submits a list of values. @returns the receipt's id */
  async submit(
    document: string | Buffer,
    parameters: Record<string, string> = {},
    organisation = HARBOUR,
    headers: Record<string, string> = {},
  ): Promise<string> {
    const desk: Record<string, string> = organisation === CELLULE ? { contact_desk: 'permanence' } : {};
    const query = new URLSearchParams({ ...COMPLETE, ...desk, ...parameters }).toString();
    const { id } = await this.officer(organisation).send<{ id: string }>('POST', `/v1/submissions?${query}`, document, {
      'content-type': 'text/plain',
      ...headers,
    });
    return id;
  }

  /** Waits until nothing more happens to a submission by itself. */
  async told(
    id: string,
    organisation = HARBOUR,
    states: readonly string[] = ['settled', 'held', 'refused', 'failed'],
  ): Promise<Told> {
    let last: Told | undefined;
    await this.until(async () => {
      last = await this.officer(organisation)
        .call<Told>('GET', `/v1/submissions/${id}`)
        .catch(() => undefined);
      return last !== undefined && states.includes(last.state);
    }, `submission ${id} at rest`);
    if (!last) throw new Error('unreachable');
    return last;
  }

  async until(holds: () => Promise<boolean> | boolean, what: string, withinMs = SLOW_MS): Promise<void> {
    const end = Date.now() + withinMs;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
      await sleep(25);
    }
  }

  /** All rows that a platform's receiver holds. */
  async table(platform: string): Promise<HeldRow[]> {
    const receiver = this.exchange.receivers.find((one) => one.platform === platform);
    if (!receiver) throw new Error(`${platform} has no receiver`);
    return (await fetch(`${receiver.state}/table`).then((response) => response.json())) as HeldRow[];
  }

  /** Everything that arrived at a platform, repeats included. */
  async arrivals(
    platform: string,
  ): Promise<{ eventId: string; channel: string; rowId: string; version: number; type: string }[]> {
    const receiver = this.exchange.receivers.find((one) => one.platform === platform);
    return (await fetch(`${receiver?.state}/arrivals`).then((response) => response.json())) as {
      eventId: string;
      channel: string;
      rowId: string;
      version: number;
      type: string;
    }[];
  }

  /** Values that are live at a platform. */
  async liveValues(platform: string): Promise<Set<string>> {
    const rows = await this.table(platform);
    return new Set(rows.filter(({ state }) => state === 'live').flatMap(({ record }) => record.signal?.value ?? []));
  }
}
