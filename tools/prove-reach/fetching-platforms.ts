import { createHash } from 'node:crypto';
import { ApiClient } from '../local-exchange/api-client.js';
import { RowTable, type ReceivedRow } from '../receivers/row-table.js';
import type { HeldState, RunningPlatform } from './running-platform.js';

const ROW = 'extension-definition--4619b23b-2c30-4e94-b132-651fb55cb53f';

/** Where a platform fetches from, and as whom. */
export interface Fetching {
  name: string;
  /** Address of platform-api. */
  url: string;
  key: string;
  channel: string;
}

async function get(at: URL, key: string, accept: string): Promise<Response> {
  const answer = await fetch(at, { headers: { authorization: `Bearer ${key}`, accept } });
  if (!answer.ok) throw new Error(`${at.pathname} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

interface FeedLine extends ReceivedRow {
  cursor: string;
  more: boolean;
  revision: number;
}

/** Reads the feed as lines of JSON, and applies the version rule. */
export class FeedPlatform implements RunningPlatform {
  readonly path = 'feed';
  private readonly rows = new RowTable();
  private cursor: string | undefined;

  constructor(private readonly given: Fetching) {}

  get name(): string {
    return this.given.name;
  }

  get client(): ApiClient {
    return new ApiClient(this.given.url, this.given.key);
  }

  async catchUp(): Promise<void> {
    // One more than there is to read: coming back with the last cursor is what says that it was read.
    for (let more = true, last = false; more || !last;) {
      last = !more;
      more = await this.page();
    }
  }

  private async page(): Promise<boolean> {
    const at = new URL(`/v1/channels/${this.given.channel}/changes?limit=10000`, this.given.url);
    if (this.cursor) at.searchParams.set('cursor', this.cursor);
    const text = await (await get(at, this.given.key, 'application/x-ndjson')).text();
    let page: FeedLine[] = [];
    let more = false;
    for (const line of text.split('\n').filter(Boolean)) {
      const read = JSON.parse(line) as FeedLine;
      if (read.type !== 'cursor') {
        page.push(read);
        continue;
      }
      for (const record of page) this.rows.apply(record, read.revision);
      ({ cursor: this.cursor, more } = read);
      page = [];
    }
    return more;
  }

  shouldHold({ length }: readonly string[]): number {
    return length;
  }

  held(): Promise<HeldState[]> {
    const rows = this.rows.rows().filter(({ record }) => record.channel === this.given.channel);
    return Promise.resolve(rows.map(({ state, version, record }) => ({ row_id: record.row_id, state, version })));
  }
}

interface TaxiiPage {
  more?: boolean;
  next?: string;
  objects?: { revoked?: boolean; extensions?: Record<string, { row_id: string; version: number }> }[];
}

/** Reads the collection of the channel as a TAXII 2.1 client does. */
export class TaxiiPlatform implements RunningPlatform {
  readonly path = 'taxii';
  private readonly rows = new Map<string, HeldState>();
  private readUntil = '';

  constructor(private readonly given: Fetching) {}

  get name(): string {
    return this.given.name;
  }

  get client(): ApiClient {
    return new ApiClient(this.given.url, this.given.key);
  }

  async catchUp(): Promise<void> {
    for (let next = '', more = true; more;) {
      const at = new URL(`/taxii2/channels/collections/${this.given.channel}/objects/?limit=1000`, this.given.url);
      if (next) at.searchParams.set('next', next);
      else if (this.readUntil) at.searchParams.set('added_after', this.readUntil);
      const answer = await get(at, this.given.key, 'application/taxii+json;version=2.1');
      const page = (await answer.json()) as TaxiiPage;
      for (const { revoked, extensions } of page.objects ?? []) {
        const row = extensions?.[ROW];
        if (!row || row.version <= (this.rows.get(row.row_id)?.version ?? 0)) continue;
        this.rows.set(row.row_id, { row_id: row.row_id, version: row.version, state: revoked ? 'withdrawn' : 'live' });
      }
      this.readUntil = answer.headers.get('x-taxii-date-added-last') ?? this.readUntil;
      ({ more = false, next = '' } = page);
    }
  }

  shouldHold({ length }: readonly string[]): number {
    return length;
  }

  held(): Promise<HeldState[]> {
    return Promise.resolve([...this.rows.values()]);
  }
}

interface LookUpAnswer {
  entries: { row_id: string; version: number }[];
}

/** Prefixes that the platform asks for in the run: what it may ask at once, less a few. */
const ASKED = 500;

/** Holds no list: asks for some prefixes of a channel, acts on what it finds, and reads all withdrawals. */
export class LookUpPlatform implements RunningPlatform {
  readonly path = 'look-up';
  private readonly rows = new Map<string, HeldState>();
  private since = '';
  private readonly asked = new Set<string>();

  constructor(private readonly given: Fetching) {}

  get name(): string {
    return this.given.name;
  }

  get client(): ApiClient {
    return new ApiClient(this.given.url, this.given.key);
  }

  /** Asks once everything is there: an answer may be kept for a day. */
  async ask(): Promise<void> {
    const base = `/v1/channels/${this.given.channel}/look-up`;
    const terms = await get(new URL(base, this.given.url), this.given.key, 'application/json');
    const { prefix_length: length } = (await terms.json()) as { prefix_length: number };
    for (let number = 0; number < ASKED; number += 1) {
      const prefix = (number * 8).toString(16).padStart(length, '0');
      this.asked.add(prefix);
      const answer = await get(new URL(`${base}/${prefix}`, this.given.url), this.given.key, 'application/json');
      for (const { row_id, version } of ((await answer.json()) as LookUpAnswer).entries)
        this.rows.set(row_id, { row_id, version, state: 'live' });
    }
  }

  async catchUp(): Promise<void> {
    if (this.asked.size === 0) return;
    for (let more = true; more;) {
      const at = new URL(`/v1/channels/${this.given.channel}/look-up/withdrawals?limit=10000`, this.given.url);
      if (this.since) at.searchParams.set('since', this.since);
      const text = await (await get(at, this.given.key, 'application/x-ndjson')).text();
      for (const line of text.split('\n').filter(Boolean)) {
        const read = JSON.parse(line) as FeedLine;
        if (read.type === 'cursor') ({ cursor: this.since, more } = read);
        else if (this.rows.has(read.row_id))
          this.rows.set(read.row_id, { row_id: read.row_id, version: read.version, state: 'withdrawn' });
      }
    }
  }

  /** The digest of a hash is that of its hexadecimal digits. */
  shouldHold(values: readonly string[]): number {
    const [{ length } = { length: 0 }] = this.asked;
    const digest = (value: string): string => createHash('sha256').update(value).digest('hex');
    return values.filter((value) => this.asked.has(digest(value).slice(0, length))).length;
  }

  held(): Promise<HeldState[]> {
    return Promise.resolve([...this.rows.values()]);
  }
}
