import type { ConnectorContext } from './connector-ports.js';
import type { OutgoingBatch, OutgoingRecord } from './outgoing-batch.js';

/** For whom a full file is written. */
export type FullFileOf = Pick<
  OutgoingBatch,
  'platformId' | 'platformCountry' | 'subscriptionId' | 'channelId' | 'revision' | 'lane'
> & {
  /** A name of its own; it begins with the day. */
  name: string;
  begunAt: Date;
};

/** What is known of a full file that is in its place. */
export interface FullFileWritten {
  file: string;
  parts: number;
  records: number;
  bytes: number;
}

/** A full file that is being written. Nobody takes it for one before it is finished. */
export interface FullFile {
  /** Adds records; what is full leaves. @throws as `FilePort.put` */
  add(records: readonly OutgoingRecord[]): Promise<void>;
  /**
   * Says that it is whole.
   * @param asOf everything up to this position of the channel is in it
   * @throws as `FilePort.put`
   */
  finish(asOf: number): Promise<FullFileWritten>;
  /** Takes away what is there of one that is not going to be finished. @throws as `FilePort.remove` */
  abandon(): Promise<void>;
}

/** Full files of a connector: once a day, everything that is live for a subscription. */
export interface DailyFiles<Settings extends object = object> {
  /** The hour of UTC from which on the file of a day is due. */
  hourOf(settings: Settings): number;
  /** Begins a full file, and takes away what is left of earlier ones that were never finished. @throws as `FilePort.put` */
  begin(
    of: FullFileOf,
    settings: Settings,
    secrets: Record<string, string>,
    context: ConnectorContext,
  ): Promise<FullFile>;
  /**
   * Takes away what nobody needs any more once a newer full file is there.
   * @param of the newest one
   * @returns how many files it removed
   * @throws as `FilePort.remove`
   */
  tidy(of: FullFileOf, settings: Settings, secrets: Record<string, string>, context: ConnectorContext): Promise<number>;
}
