/** One record on its way to a platform: the finished bytes of a channel record and what is needed to order it. */
export interface OutgoingRecord {
  /** UUIDv5 of (channel, row, version): the same at every repeat (I8). */
  eventId: string;
  /** The row; for `membership-ended`, which is about the whole channel, the nil UUID. */
  rowId: string;
  /** Version of the row; 0 for `membership-ended`, which is ordered by the batch's revision alone. */
  version: number;
  kind: 'row' | 'withdrawal' | 'membership-ended';
  /** The record as JSON text, exactly as published. */
  body: string;
}

/** Records of one channel for one subscription, withdrawals or content, in position order. */
export interface OutgoingBatch {
  /** Derived from the records, so that a repeat of the same batch has the same id. */
  batchId: string;
  platformId: string;
  /** Country of the platform's establishment, by which its way to report abuse material is known. */
  platformCountry: string;
  subscriptionId: string;
  channelId: string;
  /**
   * Revision of the subscription under which the batch was chosen; it travels with every record. Receivers order what
   * they hear of a row by (version, revision), and a withdrawal beats a row at equality: after a change of filter the
   * same version may end (`out-of-filter`) or come again.
   */
  revision: number;
  lane: 'ordinary' | 'emergency';
  /** The highest position of its records in the channel: what is known of the channel is told up to it, and no further. */
  position: number;
  records: OutgoingRecord[];
}
