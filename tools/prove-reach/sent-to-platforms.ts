import type { ApiClient } from '../local-exchange/api-client.js';
import type { PlatformReceiver } from '../local-exchange/platform-receivers.js';
import type { HeldState, RunningPlatform } from './running-platform.js';

interface TableRow {
  state: 'live' | 'withdrawn';
  version: number;
  record: { row_id: string; channel: string };
}

/** A platform whose receiver runs in a process of its own: webhook or Kafka. */
export class SentToPlatform implements RunningPlatform {
  constructor(
    private readonly receiver: PlatformReceiver,
    readonly client: ApiClient,
    private readonly channel: string,
  ) {}

  get name(): string {
    return this.receiver.platform;
  }

  get path(): string {
    return this.receiver.kind;
  }

  catchUp(): Promise<void> {
    return Promise.resolve();
  }

  /** From now on answers every delivery with 503, or takes them again. */
  async beOffline(offline: boolean): Promise<void> {
    const fail = { status: 503, times: offline ? Number.MAX_SAFE_INTEGER : 0 };
    const answer = await fetch(new URL('/control/behaviour', this.receiver.state), {
      method: 'POST',
      body: JSON.stringify({ fail }),
    });
    if (!answer.ok) throw new Error(`${this.name} cannot be told how to behave: ${answer.status}`);
  }

  shouldHold({ length }: readonly string[]): number {
    return length;
  }

  async held(): Promise<HeldState[]> {
    const rows = (await (await fetch(`${this.receiver.state}/table`)).json()) as TableRow[];
    return rows
      .filter(({ record }) => record.channel === this.channel)
      .map(({ state, version, record }) => ({ row_id: record.row_id, state, version }));
  }
}
