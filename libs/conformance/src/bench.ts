import { randomUUID } from 'node:crypto';
import { ConformanceSigner, type ConformanceKeys, type SignedBy } from './conformance-keys.js';
import type { MadeRecord } from './made-records.js';

/** What a receiver holds of a row, as it tells on its bench. */
export interface HeldState {
  state: 'live' | 'withdrawn' | 'absent';
  version?: number;
}

/** How the kit reaches a receiver. */
export interface ReceiverUnderTest {
  /** Posts and tells how it was answered. @throws an error when it was not within the time of a delivery */
  post(headers: Record<string, string>, body: Buffer): Promise<{ status: number; body: string }>;
  /** What the receiver holds of a row; absent where it has no such bench. */
  held?(channel: string, rowId: string): Promise<HeldState>;
}

/** How one delivery is signed, and when. */
export interface Signing {
  by?: readonly SignedBy[];
  /** Seconds by which the timestamp is off. */
  skew?: number;
  /** Whether the body is another than the one that was signed. */
  altered?: boolean;
  id?: string;
}

/** A receiver on the bench: deliveries as the exchange makes them, and as it never would. */
export class Bench {
  private readonly signer: ConformanceSigner;
  /** A new one for each run, so that nothing of an earlier run is in the way. */
  private readonly channel = `conformance-${randomUUID().slice(0, 8)}`;

  constructor(
    private readonly receiver: ReceiverUnderTest,
    keys: ConformanceKeys,
  ) {
    this.signer = new ConformanceSigner(keys);
  }

  /** Whether the receiver tells what it holds. */
  get tells(): boolean {
    return this.receiver.held !== undefined;
  }

  newRow(): string {
    return randomUUID();
  }

  /** A batch of records. @returns the status of the answer */
  async deliver(
    records: readonly MadeRecord[],
    more: Signing & { revision?: number; lane?: string } = {},
  ): Promise<number> {
    const { revision = 1, lane = 'ordinary', ...signing } = more;
    const reporting = { name: 'Example Hotline', url: 'https://hotline.example/', duty: 'The law comes first.' };
    const { channel } = this;
    const published = records.map((record) => ({ ...record, channel }));
    const batch = { type: 'tocsin.batch', channel, revision, lane, reporting, records: published };
    return (await this.send(JSON.stringify(batch), signing)).status;
  }

  /** Any text as a body. */
  send(text: string, { by = ['present'], skew = 0, altered = false, id = randomUUID() }: Signing = {}) {
    const body = Buffer.from(text);
    const timestamp = String(Math.floor(Date.now() / 1000) + skew);
    const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Tocsin-Conformance/1.0',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': by.map((who) => this.signer.signatures(content, who)).join(' '),
    };
    return this.receiver.post(headers, altered ? Buffer.concat([body, Buffer.from(' ')]) : body);
  }

  /** What the receiver holds of a row now; undefined where it does not tell. */
  async held(rowId: string): Promise<HeldState | undefined> {
    return this.receiver.held?.(this.channel, rowId);
  }
}
