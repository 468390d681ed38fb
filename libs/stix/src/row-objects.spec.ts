import { createHash, randomBytes } from 'node:crypto';
import { RowIds, TLP_LEVELS, type LiveAssertion, type Statement } from '#libs/domain';
import { assertedPart, rowRecord, withdrawalRecord, type RowRecord, type WithdrawalRecord } from '#libs/events';
import { formatById } from '#libs/formats';
import { byteSource, readAll } from '#libs/testing';
import { collectionId, objectId, rowIdOf } from './object-ids.js';
import { exchangeIdentity, objectOfRow, objectOutOfFilter, objectsOfWithdrawal, ROW_EXTENSION } from './row-objects.js';
import { tlpMarkings } from './tlp-markings.js';

const ids = new RowIds(randomBytes(32));
const CREATOR = exchangeIdentity('Tocsin').id;
const FRAME = { creator: CREATOR, created: '2026-01-02T00:00:00.000001Z', modified: '2026-01-03T00:00:00.000002Z' };

const statement = (more: Partial<Statement> = {}): Statement => ({
  ...{ harms: ['tvec'], context: 'perpetrator-produced', unlawfulIn: [{ country: 'NL', provision: 'Art. 1' }] },
  ...{ confidence: 80, severity: 'severe', ceiling: 'review', ceilingByCountry: { DE: 'log' } },
  ...{ legalBasis: 'Act, section 5', nature: 'referral', origin: 'own-finding', surface: 'public' },
  ...{ validFrom: '2026-01-01T00:00:00.000Z', validUntil: '2027-01-01T00:00:00.000Z', language: 'nl' },
  ...{ lastSeenLiveAt: '2026-01-01T12:00:00.000Z', jurisdiction: 'NL' },
  entity: { name: 'Group', designations: [{ list: 'EU', country: 'NL', date: '2020-01-01' }] },
  contact: { id: 'desk', name: 'Desk', email: 'desk@agency.example' },
  marking: { tlp: 'amber', releasableTo: ['DE', 'NL'], caveats: ['no-onward'], audience: 'reviewers' },
  ...more,
});

const assertion = (id: string, more: Partial<Statement> = {}, quality?: number): LiveAssertion => ({
  ...{ id, advisoryId: `advisory-${id}`, quality, statement: statement(more) },
  agency: { id: `agency-${id}`, name: 'Agency', country: 'NL' },
});

const row = (
  subject: Parameters<typeof rowRecord>[1],
  assertions: LiveAssertion[] = [assertion('a')],
  version = { generation: 1, drill: false },
): RowRecord => {
  const rowId = ids.ofSignal('row', JSON.stringify(subject));
  const at = { channel: 'everyone', rowId, version: 3, publishedAt: '2026-01-02T00:00:00.000Z', ...version };
  return JSON.parse(rowRecord(at, subject, assertedPart(assertions)).text) as RowRecord;
};
const signal = (type: string, value: string): { signal: { type: string; value: string } } => ({
  signal: { type, value },
});
const digest = (algorithm: string): string => createHash(algorithm).update('x').digest('hex');

async function readBack(object: object) {
  const bundle = { type: 'bundle', id: 'bundle--00000000-0000-4000-8000-000000000000', objects: [object] };
  const { items, refused } = await readAll(formatById('stix21'), byteSource(JSON.stringify(bundle)));
  return refused ?? items[0];
}

describe('objects of rows', () => {
  test.each([
    ...(['md5', 'sha1', 'sha256', 'sha512'] as const).map((type) => [type, digest(type)] as const),
    ['pdq', digest('sha256')],
    ['url', "https://host.example/a'b?c=\\"],
    ['domain', 'host.example'],
    ['url-sha256', digest('sha256')],
    ['phrase', 'two words: and more'],
    ['photodna', Buffer.alloc(144, 7).toString('base64')],
    ['tmk-pdqf', 'a'.repeat(40)],
  ] as const)('of the type %s are read by our own format as what they were', async (type, value) => {
    const item = await readBack(objectOfRow(row(signal(type, value), [assertion('a', {}, 77)]), FRAME));
    expect(item).toMatchObject({
      kind: 'candidate',
      signals: [{ type, value, ...(type === 'pdq' ? { quality: 77 } : {}) }],
      objectModified: FRAME.modified,
    });
    const { contact: _desk, ...said } = statement();
    expect((item as { draft: unknown }).draft).toEqual(said);
  });

  test('say nothing of an address that is only hashed but its hash, in no pattern of STIX', () => {
    const object = objectOfRow(
      row(signal('url-sha256', digest('sha256')), [assertion('a', { harms: ['csea'] })]),
      FRAME,
    );
    expect([object.pattern_type, object.pattern]).toEqual(['tocsin-signal', `url-sha256:${digest('sha256')}`]);
  });

  test('give what assertions agree on, the lowest ceiling, and each assertion whole where there are several', async () => {
    const several = [
      assertion('a', { ceiling: 'block', ceilingByCountry: {} }),
      assertion('b', { context: 'manifesto' }),
    ];
    const object = objectOfRow(row(signal('domain', 'host.example'), several), FRAME);
    const { draft } = (await readBack(object)) as { draft: Partial<Statement> };
    expect([draft.ceiling, draft.context, draft.legalBasis]).toEqual(['review', undefined, 'Act, section 5']);
    expect(object.extensions).toMatchObject({
      [ROW_EXTENSION]: {
        ...{ generation: 1, version: 3, assertions_total: 2 },
        assertions: [{ context: 'perpetrator-produced', agency: { country: 'NL' } }, { context: 'manifesto' }],
      },
    });
    expect([object.indicator_types, object.labels]).toEqual([['anomalous-activity'], ['tvec', 'ceiling:review']]);
  });

  test('of drills are benign to whoever knows no extension', async () => {
    const object = objectOfRow(row(signal('domain', 'host.example'), undefined, { generation: 1, drill: true }), FRAME);
    expect([object.indicator_types, object.name, object.labels]).toEqual([
      ...[['benign'], 'DRILL: domain, at most review', ['tvec', 'ceiling:review', 'drill']],
    ]);
    expect(await readBack(object)).toMatchObject({ kind: 'ignored', harmless: true });
  });

  test('of bulletins are reports', async () => {
    const bulletin = { title: 'Title', whatIsHappening: 'This', howToRecognise: 'So', whatToDo: 'That' };
    const item = await readBack(objectOfRow(row({ bulletin }), FRAME));
    expect(item).toMatchObject({
      kind: 'advisory',
      bulletin,
      draft: { ceiling: 'review', validUntil: statement().validUntil },
    });
  });

  test('cease to hold, without being revoked, when they no longer pass a filter', () => {
    const object = objectOutOfFilter(row(signal('domain', 'host.example')), FRAME);
    expect(object).toMatchObject({ valid_from: FRAME.created, valid_until: FRAME.modified });
    expect([object.revoked, JSON.stringify(object).includes('ceiling')]).toEqual([undefined, false]);
    const first = objectOutOfFilter(row(signal('domain', 'host.example')), { ...FRAME, modified: FRAME.created });
    expect(first.valid_until).toBe('2026-01-02T00:00:01.000Z');
    expect(objectOutOfFilter(row({ bulletin: { title: 't' } }), FRAME)).toMatchObject({
      type: 'report',
      revoked: true,
    });
  });

  test('are revoked with their earlier generations, and nothing of the content is said', async () => {
    const live = objectOfRow(row(signal('domain', 'host.example'), undefined, { generation: 2, drill: false }), FRAME);
    const { row_id: rowId } = row(signal('domain', 'host.example'));
    const at = { channel: 'everyone', rowId, version: 9, generation: 2, publishedAt: FRAME.modified, drill: false };
    const why = { reason: 'retracted', retractionReason: 'issued-in-error', restore: true } as const;
    const record = JSON.parse(withdrawalRecord(at, why).text) as WithdrawalRecord;
    const [first, second] = objectsOfWithdrawal(record, 'indicator', FRAME);
    expect([first?.id, second?.id]).toEqual([objectId('indicator', 'everyone', rowId, 1), live.id]);
    expect(second).toMatchObject({ revoked: true, created_by_ref: CREATOR, created: FRAME.created });
    expect(second?.extensions).toMatchObject({
      [ROW_EXTENSION]: {
        version: 9,
        generation: 2,
        reason: 'retracted',
        retraction_reason: 'issued-in-error',
        restore: true,
      },
    });
    expect(JSON.stringify([first, second])).not.toContain('host.example');
    expect(await readBack(second ?? {})).toMatchObject({ kind: 'revocation', objectRef: live.id });
    expect(objectsOfWithdrawal(record, 'report', FRAME)[0]).toMatchObject({ revoked: true, object_refs: [CREATOR] });
  });
});

describe('ids', () => {
  const rowId = ids.ofSignal('domain', 'host.example');

  test('are those of channel, row and generation, and lead back to the row', () => {
    const all = [1, 2, 3].flatMap((generation) =>
      ['a', 'b'].map((channel) => objectId('indicator', channel, rowId, generation)),
    );
    expect(new Set(all).size).toBe(6);
    expect(objectId('indicator', 'a', rowId, 1)).toBe(all[0]);
    expect(rowIdOf(all[0] ?? '', 'a', 1)).toBe(rowId);
    expect(rowIdOf(all[0] ?? '', 'a', 2)).not.toBe(rowId);
    expect(rowIdOf('indicator--x', 'a', 1)).toBeUndefined();
    expect(all[0]).toMatch(/^indicator--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('of collections are UUIDs', () => {
    expect(collectionId('everyone')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(collectionId('everyone')).not.toBe(collectionId('everybody'));
  });

  test('of markings are those that our own format knows', async () => {
    for (const [at, tlp] of TLP_LEVELS.entries()) {
      const marked = row(signal('domain', 'host.example'), [
        assertion('a', { marking: { tlp, releasableTo: 'all', caveats: [] } }),
      ]);
      const object = objectOfRow(marked, FRAME);
      expect(object.object_marking_refs).toEqual([tlpMarkings()[at]?.id]);
      expect(await readBack(object)).toMatchObject({ draft: { marking: { tlp } } });
    }
  });
});
