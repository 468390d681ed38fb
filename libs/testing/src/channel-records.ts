import { randomBytes, randomUUID } from 'node:crypto';
import { RowIds, type SignalType, type WithdrawalReason } from '#libs/domain';
import { assertedPart, EVENT_TYPES, rowRecord, withdrawalRecord } from '#libs/events';
import { readFeedRecord, writeFeed, type FeedWritten } from '#libs/feed';
import type { RecordToSend } from '#libs/messaging';
import type { DataSource } from 'typeorm';

/** What an assertion of a test row says. */
export interface Said {
  /** Of the signal; an address unless it is said. */
  type?: SignalType;
  value?: string;
  harms?: string[];
  language?: string;
  ceiling?: 'log' | 'review' | 'limit' | 'block';
  agencyId?: string;
  publishedAt?: string;
  generation?: number;
  /** Title of a bulletin, which has no signal. */
  bulletin?: string;
}

const AGENCY = '018f0000-0000-7000-8000-00000000a9e0';

/** A record of a channel topic with the headers that the normaliser writes. */
export function liveRow(channel: string, rowId: string, version = 1, said: Said = {}): RecordToSend {
  const asserted = assertedPart([
    {
      id: 'assertion',
      advisoryId: randomUUID(),
      agency: { id: said.agencyId ?? AGENCY, name: 'Agency', country: 'NL' },
      statement: {
        ...{
          harms: said.harms ?? ['tvec'],
          context: 'entity-produced',
          unlawfulIn: [],
          ceiling: said.ceiling ?? 'limit',
        },
        ...{ ceilingByCountry: {}, legalBasis: 'tested', nature: 'information', origin: 'own-finding' },
        ...{ validFrom: '2026-01-01T00:00:00Z', validUntil: '2099-01-01T00:00:00Z', language: said.language },
        contact: { id: 'desk', name: 'Desk', email: 'desk@agency.example' },
        marking: { tlp: 'green', releasableTo: 'all', caveats: [] },
      },
    },
  ]);
  const { id, text } = rowRecord(
    head(channel, rowId, version, said),
    said.bulletin === undefined
      ? { signal: { type: said.type ?? 'url', value: said.value ?? `https://host.example/${rowId}` } }
      : { bulletin: { title: said.bulletin } },
    asserted,
  );
  return { key: rowId, value: text, headers: { ce_id: id, ce_type: EVENT_TYPES.row, version: String(version) } };
}

export function withdrawnRow(
  channel: string,
  rowId: string,
  version: number,
  reason: WithdrawalReason = 'retracted',
  generation = 1,
): RecordToSend {
  const { id, text } = withdrawalRecord(head(channel, rowId, version, { generation }), {
    reason,
    restore: reason === 'retracted',
  });
  const headers = { ce_id: id, ce_type: EVENT_TYPES.withdrawal, version: String(version), reason };
  return { key: rowId, value: text, headers };
}

function head(channel: string, rowId: string, version: number, { publishedAt, generation = 1 }: Said) {
  return { channel, rowId, version, generation, publishedAt: publishedAt ?? new Date().toISOString(), drill: false };
}

const IDS = new RowIds(randomBytes(32));

export const rowIds = (count: number): string[] => Array.from({ length: count }, () => IDS.ofBulletin(randomUUID()));

/** Writes records into the feed as delivery does, as one batch, which a test through Kafka could not be sure of. */
export function writeAtOnce(
  database: DataSource,
  channel: string,
  records: readonly RecordToSend[],
): Promise<FeedWritten> {
  const read = records.map(({ key, value, headers = {} }) =>
    readFeedRecord({
      key: Buffer.from(key),
      value: Buffer.from(value ?? ''),
      headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
    }),
  );
  return writeFeed(database, channel, read);
}
