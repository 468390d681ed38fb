import { byteSource, readAll, type Reading } from '#libs/testing';
import { EXTENSION_ID } from './extension.js';
import { stix21 } from './stix21.js';

const MADE = '2026-01-05T10:00:00.000Z';
const LATER = '2026-01-06T10:00:00.000Z';
const uuid = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
const RED1 = 'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed';

type Properties = Record<string, unknown>;

const url = (number: number, more: Properties = {}): Properties => ({
  type: 'url',
  id: `url--${uuid(number)}`,
  value: `https://a.example/${number}`,
  ...more,
});
const report = (number: number, refs: readonly number[], more: Properties = {}): Properties => ({
  type: 'report',
  spec_version: '2.1',
  id: `report--${uuid(number)}`,
  created: MADE,
  modified: MADE,
  name: 'Never leaves',
  description: 'Never leaves',
  published: MADE,
  object_refs: refs.map((ref) => `url--${uuid(ref)}`),
  ...more,
});
const extension = (fields: Properties): Properties => ({
  extensions: { [EXTENSION_ID]: { extension_type: 'property-extension', ...fields } },
});
const read = (objects: readonly unknown[], batchSize = 1000): Promise<Reading> =>
  readAll(stix21, byteSource(JSON.stringify({ type: 'bundle', id: `bundle--${uuid(0)}`, objects })), { batchSize });

const outline = ({ items }: Reading): unknown[] =>
  items.map((item) => {
    if (item.kind === 'advisory') return ['advisory', item.ref.slice(-1)];
    if (item.kind === 'candidate') return [item.position, ...(item.advisoryRefs ?? []).map((ref) => ref.slice(-1))];
    return [item.position, item.kind === 'rejected' ? item.code : item.kind];
  });

describe('reports and groupings', () => {
  it('are declared in the first batch, before what they contain', async () => {
    const reading = await read([url(1), url(2), report(8, [1]), url(3), report(9, [1, 3])], 1);
    expect(outline(reading)).toEqual([['advisory', '8'], ['advisory', '9'], [1, '8', '9'], [2], [4, '9']]);
    expect(reading.batches.map(({ items }) => items.length)).toEqual([3, 1, 1]);
  });

  it('say what the extension says, with a bulletin, and none of their own words', async () => {
    const { items } = await read([
      report(8, [1], {
        confidence: 60,
        object_marking_refs: [RED1],
        ...extension({
          harm: ['tvec/recruitment'],
          ceiling: 'limit',
          releasable_to: ['NL'],
          valid_until: '2026-03-01T00:00:00Z',
          bulletin: { title: 'What an officer wrote', what_to_do: 'Look\nout' },
        }),
      }),
    ]);
    expect(items).toEqual([
      {
        kind: 'advisory',
        ref: `report--${uuid(8)}`,
        modified: MADE,
        draft: {
          confidence: 60,
          harms: ['tvec/recruitment'],
          ceiling: 'limit',
          validUntil: '2026-03-01T00:00:00.000Z',
          marking: { tlp: 'red', releasableTo: ['NL'] },
        },
        bulletin: { title: 'What an officer wrote', whatToDo: 'Look\nout' },
      },
    ]);
  });

  it('that cannot be read take what they contain with them, since their limits are not known', async () => {
    const reading = await read([
      url(1),
      url(2),
      report(8, [1], extension({ ceiling: 'everything' })),
      report(9, [2], { object_marking_refs: [`marking-definition--${uuid(5)}`] }),
      url(3),
    ]);
    expect(outline(reading)).toEqual([
      [1, 'TOC_ITEM_VOCABULARY'],
      [2, 'TOC_ITEM_MARKING'],
      [3, 'TOC_ITEM_VOCABULARY'],
      [4, 'TOC_ITEM_MARKING'],
      [5],
    ]);
  });

  it('that are not even JSON take what they name with them', async () => {
    const broken = JSON.stringify(report(8, [1])).replace('"name"', 'name');
    const document = `{"type":"bundle","objects":[${JSON.stringify(url(1))},${broken},${JSON.stringify(url(2))}]}`;
    expect(outline(await readAll(stix21, byteSource(document)))).toEqual([
      [1, 'TOC_ITEM_MALFORMED'],
      [2, 'TOC_ITEM_MALFORMED'],
      [3],
    ]);
  });

  it('count in their newest version', async () => {
    const reading = await read([url(1), url(2), report(8, [1], { modified: LATER }), report(8, [1, 2])]);
    expect(outline(reading)).toEqual([['advisory', '8'], [1, '8'], [2], [4, 'ignored']]);
  });

  it('tell that they are revoked', async () => {
    const { items } = await read([report(8, [1], { revoked: true })]);
    expect(items).toEqual([expect.objectContaining({ kind: 'advisory', revoked: true })]);
  });

  it('may be longer than other objects', async () => {
    const refs = Array.from({ length: 30_000 }, (_ref, index) => index + 1);
    expect(outline(await read([url(30_000), report(9, refs)]))).toEqual([
      ['advisory', '9'],
      [1, '9'],
    ]);
  });

  it('that are long are not parsed when they are anything but references', async () => {
    const reading = await read([url(1), report(9, [1], { x: Array.from({ length: 600_000 }, () => []) }), url(2)]);
    expect(outline(reading)).toEqual([[1, 'TOC_ITEM_TOO_LONG'], [2, 'TOC_ITEM_TOO_LONG'], [3]]);
  });

  it('that are too long to be known refuse the document', async () => {
    const { refused, batches } = await read([url(1), report(9, [1], { description: 'x'.repeat(9_000_000) })]);
    expect(batches).toEqual([]);
    expect(refused?.code).toBe('TOC_SUBMISSION_TOO_LARGE');
  });

  it('may be a document by themselves', async () => {
    const { items, batches } = await readAll(stix21, byteSource(JSON.stringify(report(8, [1]))));
    expect(items).toEqual([expect.objectContaining({ kind: 'advisory' })]);
    const rest = await readAll(stix21, byteSource(JSON.stringify(report(8, [1]))), { from: batches[0]?.next });
    expect(rest.batches).toEqual([]);
  });
});

describe('markings', () => {
  const definition = (number: number, more: Properties): Properties => ({
    type: 'marking-definition',
    spec_version: '2.1',
    id: `marking-definition--${uuid(number)}`,
    created: MADE,
    ...more,
  });
  const TLP2 = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';
  const ACS = 'extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce';
  const marked = (...refs: readonly string[]): Properties => url(1, { object_marking_refs: refs });
  const own = `marking-definition--${uuid(5)}`;
  const AMBER2 = 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421';
  const CLEAR2 = 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487';

  const markingOf = async (...objects: readonly unknown[]): Promise<unknown> => {
    const item = (await read(objects)).items[0];
    return item?.kind === 'candidate' ? (item.draft?.marking ?? 'none') : item?.kind === 'rejected' ? item.code : item;
  };

  it.each([
    ['613f2e26-407d-48c7-9eca-b8e91df99dc9', 'clear'],
    ['34098fce-860f-48ae-8e50-ebd3cc5e41da', 'green'],
    ['f88d31f6-486f-44da-b317-01333bde0b82', 'amber+strict'],
    ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'red'],
    ['94868c89-83c2-464b-929b-a1a8aa3c8487', 'clear'],
    ['bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'green'],
    ['55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'amber'],
    ['939a9414-2ddd-4d32-a0cd-375ea402b003', 'amber+strict'],
    ['e828b379-4e03-4974-9ac4-e53a884c97c1', 'red'],
  ])('need no definition in the document: %s is %s', async (id, tlp) => {
    expect(await markingOf(marked(`marking-definition--${id.toUpperCase()}`))).toEqual({ tlp });
  });

  it.each([
    ['the extension', { extensions: { [TLP2]: { extension_type: 'property-extension', tlp_2_0: 'amber' } } }, 'amber'],
    ['TLP 1.0', { definition_type: 'tlp', definition: { tlp: 'amber' } }, 'amber+strict'],
    ['a wrong definition_type', { definition_type: 'TLP:CLEAR' }, 'clear'],
    ['a name alone', { name: 'TLP:AMBER+STRICT' }, 'amber+strict'],
    ['a name that could be either AMBER', { name: 'TLP:AMBER' }, 'amber+strict'],
  ])('are read by %s', async (_how, more, tlp) => {
    expect(await markingOf(marked(own), definition(5, more))).toEqual({ tlp });
  });

  it('mean the strictest of all that apply, parts of the object included', async () => {
    const object = {
      ...marked(CLEAR2),
      granular_markings: [
        { marking_ref: AMBER2, selectors: ['value'] },
        { lang: 'en', selectors: ['x'] },
      ],
    };
    expect(await markingOf(object)).toEqual({ tlp: 'amber' });
    const contradiction = definition(5, { id: CLEAR2, extensions: { [TLP2]: { tlp_2_0: 'red' } } });
    expect(await markingOf(marked(CLEAR2), contradiction)).toEqual({ tlp: 'red' });
    const twice = [{ name: 'TLP:GREEN' }, { name: 'TLP:RED' }].map((more) => definition(5, more));
    expect(await markingOf(marked(own), ...twice)).toEqual({ tlp: 'red' });
  });

  it('that are statements neither widen nor narrow, and their text goes nowhere', async () => {
    const statement = definition(5, { definition_type: 'statement', definition: { statement: 'Copyright Xyz' } });
    expect(await markingOf(marked(own), statement)).toBe('none');
    expect(await markingOf(marked(own, AMBER2), statement)).toEqual({ tlp: 'amber' });
    expect(JSON.stringify(await read([marked(own), statement]))).not.toContain('Xyz');
  });

  it.each([
    ['that is not there', [marked(own)]],
    [
      'that is not understood',
      [marked(own), definition(5, { extensions: { [ACS]: { control_set: { classification: 'U' } } } })],
    ],
    ['of an unknown label', [marked(own), definition(5, { definition_type: 'tlp', definition: { tlp: 'purple' } })]],
    [
      'of an unknown label under a known id',
      [marked(CLEAR2), definition(5, { id: CLEAR2, extensions: { [TLP2]: { tlp_2_0: 'violet' } } })],
    ],
    [
      'with an extension that is not known',
      [
        marked(own),
        definition(5, {
          definition_type: 'statement',
          definition: { statement: 'Copyright Xyz' },
          extensions: { [`extension-definition--${uuid(6)}`]: { only: 'us' } },
        }),
      ],
    ],
    ...[
      'Classification: PROTECTED',
      'For the police of two countries',
      'Copyright Xyz. Releasable to AUS only.',
      'Disclaimer: this is distributed as TLP:GREEN',
      '',
    ].map((statement): [string, unknown[]] => [
      `in free text: ${statement}`,
      [marked(own), definition(5, { definition_type: 'statement', definition: { statement } })],
    ]),
    ['that is a statement without one', [marked(own), definition(5, { definition_type: 'statement' })]],
    ['that is no id', [url(1, { object_marking_refs: [7] })]],
    ['in an empty list', [url(1, { object_marking_refs: [] })]],
    ['of a part, without a reference', [url(1, { granular_markings: [{ selectors: ['value'] }] })]],
    ['whose definition is broken', [marked(own), { ...definition(5, { name: 'TLP:CLEAR' }), spec_version: '3.0' }]],
  ])('%s reject the item', async (_what, objects) => {
    expect(await markingOf(...objects)).toBe('TOC_ITEM_MARKING');
  });

  it('of ACS say to which countries it may go, and the extension can only narrow that', async () => {
    const rules = (nationalities: string[]): object => ({
      ...{
        extension_type: 'property-extension',
        policy_reference: 'urn:isa:policy:acs:ns:v3.0?privdefault=permit&sharedefault=permit',
      },
      control_set: { classification: 'U', permitted_nationalities: nationalities },
    });
    const acs = definition(5, { extensions: { [ACS]: rules(['USA', 'GBR']) } });
    const draftOf = async (more: object): Promise<unknown> => {
      const { items } = await read([url(1, { object_marking_refs: [own], ...more }), acs]);
      const [item] = items;
      return item?.kind === 'candidate' ? item.draft?.marking : item;
    };
    expect(await draftOf({})).toEqual({ releasableTo: ['US', 'GB'] });
    const extension = { extension_type: 'property-extension', releasable_to: ['GB', 'FR'] };
    expect(await draftOf({ extensions: { [EXTENSION_ID]: extension } })).toEqual({ releasableTo: ['GB'] });
    for (const lists of [
      [['USA', 'GBR'], ['GBR']],
      [['GBR'], ['USA', 'GBR']],
    ]) {
      const definitions = lists.map((list) => definition(5, { extensions: { [ACS]: rules(list) } }));
      expect(await markingOf(url(1, { object_marking_refs: [own] }), ...definitions)).toEqual({ releasableTo: ['GB'] });
    }
    const closed = definition(5, { extensions: { [ACS]: { control_set: { classification: 'U', caveat: ['FISA'] } } } });
    expect(await markingOf(url(1, { object_marking_refs: [own] }), closed)).toBe('TOC_ITEM_MARKING');
  });

  it('of AIS keep back what a producer made as proprietary, and nothing for a consent', async () => {
    for (const [label, rejected] of [
      ['ais-consent-usg', false],
      ['ais-consent-none', false],
      ['ais-consent-everyone-cisa-proprietary', true],
    ] as const) {
      const id = `identity--${uuid(8)}`;
      const identity = { type: 'identity', spec_version: '2.1', id, created: MADE, modified: MADE, labels: [label] };
      const { items } = await read([url(1, { created_by_ref: id }), identity]);
      expect(items[0]).toMatchObject(rejected ? { kind: 'rejected', code: 'TOC_ITEM_MARKING' } : { kind: 'candidate' });
    }
  });

  it('of the bundle, which the standard does not know, refuse the document', async () => {
    for (const name of ['object_marking_refs', 'granular_markings']) {
      const bundle = { type: 'bundle', id: `bundle--${uuid(0)}`, objects: [url(1)], [name]: [CLEAR2] };
      const { refused, batches } = await readAll(stix21, byteSource(JSON.stringify(bundle)));
      expect([refused?.code, batches]).toEqual(['TOC_SUBMISSION_FORMAT', []]);
    }
  });

  it('of classified information have no place here at all', async () => {
    const secret = definition(5, { extensions: { [ACS]: { control_set: { classification: 'S' } } } });
    expect((await read([url(1), secret])).items).toEqual([
      expect.objectContaining({ kind: 'forbidden', position: 2, code: 'TOC_SUBMISSION_ABOVE_LEVEL' }),
    ]);
  });
});
