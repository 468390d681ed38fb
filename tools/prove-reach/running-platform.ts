import type { ApiClient } from '../local-exchange/api-client.js';

/** What a platform holds of one row. */
export interface HeldState {
  row_id: string;
  state: 'live' | 'withdrawn';
  version: number;
}

/** A platform of the run, by whatever path it receives. */
export interface RunningPlatform {
  readonly name: string;
  /** The connector, or what fetches. */
  readonly path: string;
  /** Calls `platform-api` with this platform's key. */
  readonly client: ApiClient;
  /** Fetches all that there is. Those that are sent to do nothing here. */
  catchUp(): Promise<void>;
  /** How many of these values, all of them published, it should hold. */
  shouldHold(values: readonly string[]): number;
  /** Every row of the run's channel, withdrawn ones included. */
  held(): Promise<HeldState[]>;
}
