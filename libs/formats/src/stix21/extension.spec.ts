import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  CEILINGS,
  CONTENT_CONTEXTS,
  CSEA_CLASSES,
  CSEA_VERIFICATIONS,
  HARM_PATTERN,
  NATURES,
  ORIGIN_PATTERN,
  RECIPIENT_AUDIENCES,
  SEVERITIES,
  SURFACES,
  TocsinError,
} from '#libs/domain';
import { EXTENSION_FIELDS, EXTENSION_ID, readStatements, type Carrier } from './extension.js';

const page = new URL('../../../../docs/formats/stix21-extension.md', import.meta.url);
interface Schema {
  $defs: Record<Carrier, { properties: Record<string, unknown> }> & {
    fields: Record<string, { enum?: string[]; items?: { pattern: string }; pattern?: string }>;
  };
}
const schema = JSON.parse(readFileSync(new URL('stix21-extension.schema.json', page), 'utf8')) as Schema;
const CARRIERS: readonly Carrier[] = ['indicator', 'observable', 'advisory'];

/** Values of each field: right ones, then wrong ones. */
const VALUES: Record<string, { right: unknown[]; wrong: unknown[] }> = {
  harm: { right: [['tvec'], ['csea/grooming', 'tvec']], wrong: [[], 'tvec', ['terror'], ['TVEC'], [1]] },
  context: { right: ['bystander'], wrong: ['Bystander', '', null, 1, ['bystander']] },
  csea_class: { right: ['A1', 'interpol-baseline'], wrong: ['a1', 'C'] },
  csea_verification: { right: ['verified-twice'], wrong: ['twice'] },
  entity: {
    right: [
      { name: 'Ünït' },
      {
        name: 'U',
        designations: [
          { list: 'EU', country: 'NL', date: '2026-02-28' },
          { list: 'UN', country: 'US' },
        ],
      },
    ],
    wrong: [
      {},
      { name: '' },
      { name: ' ' },
      { name: 'U', more: 1 },
      { name: 'U', designations: [{ list: 'EU' }] },
      'U',
      { name: 'x'.repeat(201) },
    ],
  },
  unlawful_in: {
    right: [[], [{ country: 'DE', provision: '§ 86a' }]],
    wrong: [[{ country: 'de', provision: 'x' }], [{ country: 'DE' }], {}],
  },
  severity: { right: ['extreme'], wrong: ['high'] },
  ceiling: { right: ['log', 'block'], wrong: ['remove', 'BLOCK'] },
  ceiling_by_country: { right: [{ DE: 'log', FR: 'block' }], wrong: [{}, { de: 'log' }, { DE: 'none' }, [], 'log'] },
  legal_basis: { right: ['Act, section 5'], wrong: ['', '   ', 7, 'x'.repeat(301)] },
  nature: { right: ['referral'], wrong: ['order'] },
  origin: { right: ['own-finding', 'third-party-list:some-list'], wrong: ['third-party-list', 'hearsay'] },
  surface: { right: ['hosted'], wrong: ['private'] },
  last_seen_live_at: {
    right: ['2026-01-05T10:00:00Z', '2026-01-05T10:00:00.123456Z'],
    wrong: ['2026-01-05', 'yesterday', '1970-01-01T00:00:00Z', 5],
  },
  jurisdiction: { right: ['NL'], wrong: ['NLD', 'nl'] },
  language: { right: ['en', 'pt-BR', 'zh-Hans'], wrong: ['english language', ''] },
  contact_desk: { right: ['night-desk'], wrong: ['A Person', 'a@b.example'] },
  releasable_to: { right: [['NL', 'DE']], wrong: [[], ['all'], 'NL'] },
  caveats: { right: [[], ['no-public-mention']], wrong: [['No public mention'], 'x'] },
  audience: { right: ['match-only'], wrong: ['everybody'] },
  valid_from: { right: ['2026-01-05T10:00:00Z'], wrong: ['2026-01-05T10:00:00', '2100-01-01T00:00:00Z'] },
  valid_until: { right: ['2026-01-05T10:00:00Z'], wrong: [false] },
  confidence: { right: [0, 100], wrong: [-1, 101, 50.5, '50'] },
  pdq_quality: { right: [0, 100], wrong: [101, '90'] },
  bulletin: {
    right: [{ title: 'T' }, { title: 'T', what_is_happening: 'a\nb\tc', how_to_recognise: 'x', what_to_do: 'y' }],
    wrong: [
      {},
      { title: '' },
      { title: 'T', body: 'x' },
      { title: 'x'.repeat(301) },
      { title: 'T', what_to_do: 'x'.repeat(10_001) },
      'T',
    ],
  },
};

const read = (carrier: Carrier, fields: Record<string, unknown>): ReturnType<typeof readStatements> =>
  readStatements({ extensions: { [EXTENSION_ID]: fields } }, carrier, {}, {});

function refusalOf(carrier: Carrier, fields: Record<string, unknown>): TocsinError | undefined {
  try {
    read(carrier, fields);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof TocsinError) return thrown;
    throw thrown;
  }
}

describe('the published extension', () => {
  const ajv = new Ajv2020({ allErrors: true });
  const validators = Object.fromEntries(
    CARRIERS.map((carrier) => [carrier, ajv.compile({ ...schema, anyOf: undefined, $ref: `#/$defs/${carrier}` })]),
  );

  it('has in its schema and on its page the fields that are read, no more and no fewer', () => {
    const text = readFileSync(page, 'utf8');
    for (const carrier of CARRIERS) {
      const fields = Object.keys(EXTENSION_FIELDS[carrier]).sort();
      expect(
        Object.keys(schema.$defs[carrier].properties)
          .filter((name) => name !== 'extension_type')
          .sort(),
      ).toEqual(fields);
      expect(fields.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
      expect(fields.filter((name) => !VALUES[name])).toEqual([]);
    }
    expect(text).toContain(EXTENSION_ID);
  });

  it('has in its schema the vocabularies of the domain', () => {
    const { fields } = schema.$defs;
    expect(fields['context']?.enum).toEqual([...CONTENT_CONTEXTS]);
    expect(fields['csea_class']?.enum).toEqual([...CSEA_CLASSES]);
    expect(fields['csea_verification']?.enum).toEqual([...CSEA_VERIFICATIONS]);
    expect(fields['severity']?.enum).toEqual([...SEVERITIES]);
    expect(fields['ceiling']?.enum).toEqual([...CEILINGS]);
    expect(fields['nature']?.enum).toEqual([...NATURES]);
    expect(fields['surface']?.enum).toEqual([...SURFACES]);
    expect(fields['audience']?.enum).toEqual([...RECIPIENT_AUDIENCES]);
    expect(fields['harm']?.items?.pattern).toBe(HARM_PATTERN.source);
    expect(fields['origin']?.pattern).toBe(ORIGIN_PATTERN.source);
  });

  const cases = CARRIERS.flatMap((carrier) =>
    Object.keys(EXTENSION_FIELDS[carrier]).map((name) => [carrier, name] as const),
  );

  it.each(cases)('reads on an %s what its schema allows: %s', (carrier, name) => {
    const { right = [], wrong = [] } = VALUES[name] ?? {};
    const validate = validators[carrier];
    for (const value of right) {
      const fields = { extension_type: 'property-extension', [name]: value };
      expect({ value, refused: refusalOf(carrier, fields)?.detail }).toEqual({ value, refused: undefined });
      expect({ value, valid: validate?.(fields) }).toEqual({ value, valid: true });
      const { draft, bulletin, pdqQuality } = read(carrier, fields);
      expect(draft ?? bulletin ?? pdqQuality).toBeDefined();
    }
    for (const value of wrong) {
      const fields = { extension_type: 'property-extension', [name]: value };
      const named = refusalOf(carrier, fields)?.detail.split(':', 1)[0];
      expect({ value, named }).toEqual({ value, named: name });
      expect({ value, valid: validate?.(fields) }).toEqual({ value, valid: false });
    }
  });

  it('refuses fields of another kind of object, misspelt fields and a missing extension_type', () => {
    const type = { extension_type: 'property-extension' };
    expect(refusalOf('indicator', { ...type, valid_until: '2026-01-05T10:00:00Z' })?.code).toBe('TOC_ITEM_VOCABULARY');
    expect(refusalOf('observable', { ...type, bulletin: { title: 'T' } })?.detail).toMatch(/^bulletin: /);
    expect(refusalOf('advisory', { ...type, cieling: 'log' })?.detail).toMatch(/^cieling: /);
    expect(refusalOf('advisory', { ...type, 'https://a.example/secret': 'log' })?.detail).not.toContain('secret');
    expect(refusalOf('advisory', { ...type, constructor: 'log' })?.code).toBe('TOC_ITEM_VOCABULARY');
    expect(refusalOf('advisory', { ceiling: 'log' })?.code).toBe('TOC_ITEM_MALFORMED');
  });

  it('refuses texts that no column can hold, or that turn the direction of what follows', () => {
    for (const text of ['a\u0000b', 'a\ud800', 'a\u202eb', 'a\nb']) {
      expect(refusalOf('indicator', { extension_type: 'property-extension', legal_basis: text })?.code).toBe(
        'TOC_ITEM_VOCABULARY',
      );
    }
  });

  it('joins what the standard and the extension say', () => {
    const { draft } = readStatements(
      {
        extensions: {
          [EXTENSION_ID]: { extension_type: 'property-extension', releasable_to: ['NL'], surface: 'public' },
        },
      },
      'indicator',
      { confidence: 5 },
      { tlp: 'amber' },
    );
    expect(draft).toEqual({ confidence: 5, surface: 'public', marking: { tlp: 'amber', releasableTo: ['NL'] } });
  });
});
