import { randomUUID } from 'node:crypto';

/** A record as it would be published, but for its channel, with whatever a case changes in it. */
export type MadeRecord = Record<string, unknown> & { row_id: string; version: number; type: string };

const DAY_MS = 86_400_000;

const head = (rowId: string, version: number): MadeRecord => ({
  id: randomUUID(),
  type: 'row',
  row_id: rowId,
  version,
  generation: 1,
  published_at: new Date().toISOString(),
  drill: false,
});

/** A live row. @param more fields that take the place of the usual ones, or come beside them */
export function madeRow(rowId: string, version = 1, more: Record<string, unknown> = {}): MadeRecord {
  const agency = { id: randomUUID(), name: 'Example Agency', country: 'NZ' };
  return {
    ...head(rowId, version),
    signal: { type: 'url', value: `https://conformance.example/${rowId}` },
    marking: { tlp: 'green', releasable_to: 'all', caveats: [] },
    harms: ['tvec'],
    ceiling: 'review',
    valid_until: new Date(Date.now() + 30 * DAY_MS).toISOString(),
    assertions: [{ advisory_id: randomUUID(), agency, nature: 'information', legal_basis: 'Example Act' }],
    assertions_total: 1,
    ...more,
  };
}

/** The end of a row. */
export function madeWithdrawal(rowId: string, version: number, more: Record<string, unknown> = {}): MadeRecord {
  return {
    ...head(rowId, version),
    ...{ type: 'withdrawal', reason: 'retracted', retraction_reason: 'issued-in-error', restore: true },
    ...more,
  };
}

/** The end of the membership of the channel. */
export function madeEnd(rows: 'keep-until-expiry' | 'delete-all'): MadeRecord {
  return {
    ...{ id: randomUUID(), type: 'membership-ended', rows },
    ...{ row_id: '00000000-0000-0000-0000-000000000000', version: 0 },
  };
}
