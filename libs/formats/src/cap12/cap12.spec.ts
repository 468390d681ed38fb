import { byteSource, describeFormat, readAll } from '#libs/testing';
import type { DeclaredAdvisory, ReadItem } from '../format.js';
import { cap12 } from './cap12.js';
import { alertOf } from './examples.js';

function* many(items: number): Iterable<string> {
  // Two for each alert: its advisory and the item by which it counts.
  yield '<alerts>';
  for (let number = 0; number < items / 2; number += 100) {
    const some = Array.from({ length: Math.min(100, items / 2 - number) }, (_one, at) =>
      alertOf({ head: { identifier: String(number + at) } }),
    );
    yield some.join('');
  }
  yield '</alerts>';
}

describeFormat(cap12, { many, endless: `<alerts>${alertOf().slice(0, -30)}` });

const read = async (document: string): Promise<ReadItem[]> => (await readAll(cap12, byteSource(document))).items;
const advisoryIn = (items: readonly ReadItem[]): DeclaredAdvisory | undefined =>
  items.find((item) => item.kind === 'advisory');
const FIRST = 'duty@agency.example,2026-17,2026-01-05T10:00:00-00:00';

describe('alerts of CAP', () => {
  it('are bulletins, valid until the last of them expires', async () => {
    const items = await read(alertOf({ infos: [{}, { severity: 'Minor', expires: '2026-01-07T12:00:00+01:00' }] }));
    expect(items).toEqual([
      {
        ...{ kind: 'advisory', ref: expect.stringMatching(/^cap-alert--[0-9a-f]{64}$/) },
        modified: '2026-01-05T10:00:00.000Z',
        draft: { severity: 'extreme', language: 'en-GB', validUntil: '2026-01-07T11:00:00.000Z' },
        bulletin: {
          title: 'A livestream of an attack is under way',
          whatIsHappening: 'It began at 09:40 UTC.',
          whatToDo: 'Match the hashes first.',
        },
      },
      { kind: 'ignored', position: 1, what: 'told-in-bulletin' },
    ]);
  });

  it('in several languages say each of them', async () => {
    const items = await read(alertOf({ infos: [{}, { language: 'fr', description: 'Depuis 9 h 40.' }] }));
    expect(advisoryIn(items)?.bulletin?.whatIsHappening).toBe(
      '[en-GB]\nIt began at 09:40 UTC.\n\n[fr]\nDepuis 9 h 40.',
    );
  });

  it.each([
    ['Update', 'superseded', ['advisory', 'advisory', 'ignored']],
    ['Cancel', 'no-longer-needed', ['advisory', 'ignored']],
    ['Error', 'issued-in-error', ['advisory', 'ignored']],
  ])(
    'of the type %s take back what they refer to, by all three of its names',
    async (msgType, retractionReason, kinds) => {
      const ref = advisoryIn(await read(alertOf()))?.ref;
      const later = { identifier: '2026-18', sent: '2026-01-05T11:00:00-00:00', msgType };
      const items = await read(alertOf({ head: { ...later, references: FIRST } }));
      expect(items.map(({ kind }) => kind)).toEqual(kinds);
      expect(items[0]).toEqual({
        ...{ kind: 'advisory', ref, modified: '2026-01-05T11:00:00.000Z', revoked: true, retractionReason },
      });
      for (const other of [FIRST.replace('-17', '-16'), FIRST.replace('duty', 'day'), FIRST.replace('10:00', '10:01')])
        expect(advisoryIn(await read(alertOf({ head: { ...later, references: other } })))?.ref).not.toBe(ref);
      const same = FIRST.replace('10:00:00-00:00', '11:00:00+01:00');
      expect(advisoryIn(await read(alertOf({ head: { ...later, references: same } })))?.ref).toBe(ref);
      expect(await read(alertOf({ head: later }))).toMatchObject([{ kind: 'rejected', code: 'TOC_ITEM_MALFORMED' }]);
    },
  );

  it.each(['Exercise', 'System', 'Test', 'Draft'])('of the status %s say nothing', async (status) => {
    for (const msgType of ['Alert', 'Cancel']) {
      const head = { status, msgType, references: FIRST };
      expect(await read(alertOf({ head }))).toEqual([
        { kind: 'ignored', position: 1, what: `status-${status.toLowerCase()}` },
      ]);
    }
  });

  it('without information have nothing to publish', async () => {
    expect(await read(alertOf({ infos: [] }))).toEqual([{ kind: 'ignored', position: 1, what: 'no-information' }]);
    const head = { msgType: 'Update', references: FIRST };
    expect(await read(alertOf({ head, infos: [] }))).toMatchObject([{ revoked: true }, { what: 'took-back' }]);
  });

  it('may cancel without information of their own', async () => {
    const items = await read(alertOf({ head: { msgType: 'Cancel', references: FIRST }, infos: [] }));
    expect(items.map(({ kind }) => kind)).toEqual(['advisory', 'ignored']);
  });

  it.each<[string, Parameters<typeof alertOf>[0], string]>([
    ['for some only', { head: { scope: 'Restricted', restriction: 'police' } }, 'TOC_ITEM_MARKING'],
    ['for one', { head: { scope: 'Private', addresses: 'x' } }, 'TOC_ITEM_MARKING'],
    ['without a scope', { head: { scope: '' } }, 'TOC_ITEM_MALFORMED'],
    ['of an unknown status', { head: { status: 'actual' } }, 'TOC_ITEM_VOCABULARY'],
    ['with a Z', { head: { sent: '2026-01-05T10:00:00Z' } }, 'TOC_ITEM_TIME'],
    ['with fractions', { head: { sent: '2026-01-05T10:00:00.5-00:00' } }, 'TOC_ITEM_TIME'],
    ['sent on no day', { head: { sent: '2026-13-05T10:00:00-00:00' } }, 'TOC_ITEM_TIME'],
    ['expiring at no time', { infos: [{ expires: 'soon' }] }, 'TOC_ITEM_TIME'],
    ['of a sender with a comma', { head: { sender: 'a,b' } }, 'TOC_ITEM_MALFORMED'],
    ['of no severity', { infos: [{ severity: 'High' }] }, 'TOC_ITEM_VOCABULARY'],
    ['of no category', { infos: [{ category: '' }] }, 'TOC_ITEM_MALFORMED'],
    ['in no language', { infos: [{ language: 'a language' }] }, 'TOC_ITEM_MALFORMED'],
    ['with a long headline', { infos: [{ headline: 'x'.repeat(301) }] }, 'TOC_ITEM_TOO_LONG'],
    ['with a long text', { infos: [{ description: 'x '.repeat(5001) }] }, 'TOC_ITEM_TOO_LONG'],
    ['that turn the text round', { infos: [{ headline: 'a\u202eb' }] }, 'TOC_ITEM_MALFORMED'],
    ['with broken references', { head: { msgType: 'Update', references: 'a,b' } }, 'TOC_ITEM_MALFORMED'],
    ['with references at no time', { head: { msgType: 'Update', references: 'a,b,c' } }, 'TOC_ITEM_TIME'],
  ])('%s are rejected by themselves', async (_name, more, code) => {
    expect(await read(`<alerts>${alertOf(more)}${alertOf()}</alerts>`)).toMatchObject([
      { kind: 'rejected', position: 1, code },
      { kind: 'advisory' },
      { kind: 'ignored', position: 2 },
    ]);
  });

  it('of another version are not read', async () => {
    expect(await read(alertOf().replace('cap:1.2', 'cap:1.0'))).toMatchObject([{ kind: 'rejected' }]);
    expect(await read(alertOf().replace('cap:1.2', 'cap:1.1'))).toMatchObject([{ kind: 'advisory' }, {}]);
  });

  it('carry no resource within', async () => {
    const resource = (more: string): string =>
      alertOf().replace('</info>', `<resource><resourceDesc>x</resourceDesc>${more}</resource></info>`);
    expect(await read(resource('<uri>https://agency.example/x.jpg</uri><derefUri/>'))).toHaveLength(2);
    for (const text of ['AAAA', 'A'.repeat(1_200_000)])
      expect(await read(resource(`<derefUri>${text}</derefUri>`))).toEqual([
        expect.objectContaining({ kind: 'forbidden', code: 'TOC_SUBMISSION_MEDIA' }),
      ]);
  });
});
