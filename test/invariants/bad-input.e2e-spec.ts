import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { CELLULE, COMPLETE, digestOf, ExchangeUnderTest, HARBOUR, type Told } from '../exchange-under-test.js';

type Properties = Record<string, unknown>;

const line = (name: string): string => `${digestOf(name)}\n`;
const bundle = (...objects: readonly unknown[]): string =>
  JSON.stringify({ type: 'bundle', id: `bundle--${randomUUID()}`, objects });
const indicator = (name: string, more: Properties = {}): Properties => ({
  type: 'indicator',
  spec_version: '2.1',
  id: `indicator--${randomUUID()}`,
  created: '2026-01-01T00:00:00.000Z',
  modified: '2026-01-01T00:00:00.000Z',
  pattern_type: 'stix',
  pattern: `[file:hashes.'SHA-256' = '${digestOf(name)}']`,
  valid_from: '2026-01-01T00:00:00.000Z',
  ...more,
});
const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const withExtension = (name: string, fields: Properties): Properties =>
  indicator(name, {
    extensions: {
      'extension-definition--90a53a0a-b1b9-4a97-90e4-555f5ce1ae04': {
        extension_type: 'property-extension',
        ...fields,
      },
    },
  });

/** What came of a document: the problem's code at once, or what its story tells when it rests. */
interface Outcome {
  refused?: string;
  state?: string;
  problem?: string;
  asserted?: number;
  /** Codes of rejected items, in order, each once. */
  rejected?: string[];
}

interface Bad {
  document: () => string | Buffer;
  parameters?: Record<string, string>;
  outcome: Outcome;
}

const refused = (code: string): Outcome => ({ refused: code });
/** One item among others is rejected; as many are asserted. */
const costs = (code: string, asserted = 1): Outcome => ({ state: 'settled', asserted, rejected: [code] });

const AS_LIST = { format: 'value-list' };
const AS_NDJSON = { format: 'ndjson-list' };
const MANY = 3000;

const CASES: Record<string, Bad> = {
  'another encoding': {
    document: () => Buffer.from('caf\xe9.example\n', 'latin1'),
    parameters: AS_LIST,
    outcome: refused('TOC_SUBMISSION_ENCODING'),
  },
  'two bytes a character': {
    document: () => Buffer.from(`\ufeff${line('wide')}`, 'utf16le'),
    parameters: AS_LIST,
    outcome: refused('TOC_SUBMISSION_ENCODING'),
  },
  'an end in the middle of a character': {
    document: () => Buffer.concat([Buffer.from(line('cut')), Buffer.from([0xe2, 0x82])]),
    parameters: AS_LIST,
    outcome: refused('TOC_SUBMISSION_ENCODING'),
  },
  'gzip that is cut off': {
    document: () => gzipSync(line('cut off').repeat(1000)).subarray(0, 60),
    outcome: refused('TOC_SUBMISSION_GZIP'),
  },
  'a gzip bomb': {
    document: () => gzipSync(Buffer.from(line('bomb').repeat(2_000_000))),
    outcome: refused('TOC_SUBMISSION_TOO_LARGE'),
  },
  'gzip in gzip': {
    document: () => gzipSync(gzipSync(line('twice'))),
    outcome: refused('TOC_SUBMISSION_FORMAT'),
  },
  'nesting 100,000 deep': {
    document: () => bundle(indicator('deep', { x: 0 })).replace('"x":0', `"x":${deep(100_000)}`),
    outcome: { state: 'refused', problem: 'TOC_SUBMISSION_NESTING', asserted: 0 },
  },
  'a line nested 100,000 deep': {
    document: () => `{"sha256":"${digestOf('a')}","x":${deep(100_000)}}\n{"sha256":"${digestOf('b')}"}\n`,
    parameters: AS_NDJSON,
    outcome: costs('TOC_ITEM_TOO_LONG'),
  },
  'a key said twice in an object': {
    document: () =>
      bundle(indicator('once'), indicator('twice')).replace(
        '"valid_from"',
        '"revoked":false,"revoked":true,"valid_from"',
      ),
    outcome: costs('TOC_ITEM_DUPLICATE_KEY'),
  },
  'a key said twice in the document': {
    document: () => bundle(indicator('either')).replace('"objects"', '"objects":[],"objects"'),
    outcome: { state: 'refused', problem: 'TOC_SUBMISSION_MALFORMED', asserted: 0 },
  },
  'an object with a million characters of words': {
    document: () => bundle(indicator('wordy', { description: 'so many words '.repeat(100_000) }), indicator('brief')),
    outcome: costs('TOC_ITEM_TOO_LONG'),
  },
  'a line of a million characters': {
    document: () => `${'no value '.repeat(120_000)}\n${line('after it')}`,
    parameters: AS_LIST,
    outcome: costs('TOC_ITEM_TOO_LONG'),
  },
  'one broken object among thousands': {
    document: () =>
      bundle(...Array.from({ length: MANY }, (_, at) => indicator(`many ${at}`, at === 7 ? { pattern: '[' } : {}))),
    outcome: costs('TOC_ITEM_PATTERN', MANY - 1),
  },
  'a pattern of 50,000 parentheses': {
    document: () =>
      bundle(indicator('p', { pattern: `${'('.repeat(50_000)}[a:b = 'c']${')'.repeat(50_000)}` }), indicator('q')),
    outcome: costs('TOC_ITEM_PATTERN'),
  },
  'a pattern that would try for ever': {
    document: () => bundle(indicator('r', { pattern: `[url:value MATCHES '^(a+)+$']` }), indicator('s')),
    outcome: costs('TOC_ITEM_PATTERN'),
  },
  'an unknown marking': {
    document: () =>
      bundle(indicator('m', { object_marking_refs: [`marking-definition--${randomUUID()}`] }), indicator('n')),
    outcome: costs('TOC_ITEM_MARKING'),
  },
  'clocks of 1970 and 2200': {
    document: () =>
      bundle(
        indicator('t1', { created: '1970-01-01T00:00:00.000Z', modified: '1970-01-01T00:00:00.000Z' }),
        indicator('t2', { modified: '2200-01-01T00:00:00.000Z' }),
        indicator('t3', { valid_until: '2200-01-01T00:00:00.000Z' }),
        indicator('t4', { valid_from: '1970-01-01T00:00:00.000Z' }),
        indicator('t5', { valid_from: '+020000-01-01T00:00:00.000Z' }),
        indicator('t6'),
      ),
    outcome: costs('TOC_ITEM_TIME'),
  },
  'parameters of 1970': {
    document: () => line('old'),
    parameters: { valid_from: '1970-01-01T00:00:00Z' },
    outcome: costs('TOC_ITEM_TIME', 0),
  },
  'parameters of 2200': {
    document: () => line('late'),
    parameters: { valid_until: '2200-01-01T00:00:00Z' },
    outcome: costs('TOC_ITEM_TIME', 0),
  },
  'a NUL among the parameters': {
    document: () => line('nul'),
    parameters: { legal_basis: 'Act\u0000 4' },
    outcome: refused('TOC_REQUEST_PARAMETER'),
  },
  'a key said twice in a parameter': {
    document: () => line('said twice'),
    parameters: { ceiling_by_country: '{"FR":"log","FR":"block"}' },
    outcome: refused('TOC_REQUEST_PARAMETER'),
  },
  'control characters in a bulletin': {
    document: () => line('control'),
    parameters: { bulletin: JSON.stringify({ title: 'a\u001b[31mb' }) },
    outcome: refused('TOC_REQUEST_PARAMETER'),
  },
  'a NUL in the name of a column': {
    document: () => `{"md5\\u0000":"no hash"}\n{"sha256":"${digestOf('column')}"}\n`,
    parameters: AS_NDJSON,
    outcome: costs('TOC_ITEM_VALUE'),
  },
  'half a character in the name of a column': {
    document: () => `{"md5\\ud800":"no hash"}\n{"sha256":"${digestOf('half')}"}\n`,
    parameters: AS_NDJSON,
    outcome: costs('TOC_ITEM_VALUE'),
  },
  'a NUL in words to be published': {
    document: () => bundle(withExtension('w', { legal_basis: 'a\u0000b' }), indicator('x', { name: 'a\u0000b' })),
    outcome: costs('TOC_ITEM_VOCABULARY'),
  },
  'a property that would change what objects are': {
    document: () =>
      bundle(indicator('y', { confidence: 1 }), indicator('z')).replace(
        '"confidence":1',
        '"__proto__":{"revoked":true},"confidence":1e400',
      ),
    outcome: costs('TOC_ITEM_MALFORMED'),
  },
  'a picture': {
    document: () => Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(100)]),
    outcome: refused('TOC_SUBMISSION_MEDIA'),
  },
  nothing: { document: () => '', outcome: refused('TOC_SUBMISSION_EMPTY') },
};

describe('bad input gets a clear answer and costs nothing else', () => {
  let under: ExchangeUnderTest;
  beforeAll(async () => void (under = await ExchangeUnderTest.start('bad-input')));
  afterAll(() => under.stop());

  const post = (path: string, body: string | Buffer, organisation = HARBOUR): Promise<Response> =>
    fetch(`${under.exchange.url('intake')}${path}`, {
      method: 'POST',
      body: new Uint8Array(Buffer.from(body)),
      headers: { authorization: `Bearer ${under.exchange.key(organisation, 'officer')}` },
    });

  async function problemIn(response: Response): Promise<Outcome> {
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    return { refused: ((await response.json()) as { code: string }).code };
  }

  async function outcomeOf(
    document: string | Buffer,
    parameters: Record<string, string> = {},
    organisation = HARBOUR,
  ): Promise<Outcome> {
    const said = { ...COMPLETE, ...(organisation === CELLULE ? { contact_desk: 'permanence' } : {}), ...parameters };
    const response = await post(`/v1/submissions?${new URLSearchParams(said).toString()}`, document, organisation);
    if (response.status !== 202) return problemIn(response);
    const { id } = (await response.json()) as { id: string };
    const { state, problem, counts, rejected } = (await under.told(id, organisation)) as Told & {
      rejected: { code: string }[];
    };
    expect(counts.dead_lettered).toBe(0);
    return {
      state,
      asserted: counts.asserted,
      ...(problem ? { problem: problem.code } : {}),
      ...(rejected.length > 0 ? { rejected: [...new Set(rejected.map(({ code }) => code))] } : {}),
    };
  }

  test.each(Object.entries(CASES))('%s', async (_name, { document, parameters, outcome }) => {
    expect(await outcomeOf(document(), parameters)).toEqual(outcome);
  });

  test('another agency’s object is neither restated nor revoked', async () => {
    const theirs = indicator('theirs');
    expect(await outcomeOf(bundle(theirs), {}, CELLULE)).toEqual({ state: 'settled', asserted: 1 });
    const taken = bundle(
      { ...theirs, revoked: true },
      { ...theirs, modified: '2026-02-01T00:00:00.000Z' },
      indicator('mine'),
    );
    expect(await outcomeOf(taken)).toEqual(costs('TOC_ITEM_NOT_OWNED'));
  });

  test('another agency’s advisory is not there', async () => {
    const [advisory] = (await under.told(await under.submit(line('their advisory'), {}, CELLULE), CELLULE)).advisories;
    for (const [action, body] of [
      ['retractions', '{"reason":"issued-in-error"}'],
      ['revisions', line('mine now')],
    ] as const) {
      expect(await problemIn(await post(`/v1/advisories/${advisory?.id}/${action}`, body))).toEqual(
        refused('TOC_ACCESS_NOT_FOUND'),
      );
    }
  });

  test.each(['tlp=clear&tlp=red', '__proto__[harm]=tvec', 'constructor=1', 'harm[]=tvec', 'valid_for=1e3'])(
    'a query of %s is refused',
    async (query) => {
      expect(await problemIn(await post(`/v1/submissions?${query}`, line('query')))).toEqual(
        refused('TOC_REQUEST_PARAMETER'),
      );
    },
  );

  test('nobody has to look: nothing failed and nothing was set aside', async () => {
    const { rows } = await under.database.query<{ failed: number; letters: number }>(
      `SELECT (SELECT count(*)::int FROM normaliser.job WHERE state = 'failed') AS failed,
              (SELECT count(*)::int FROM normaliser.dead_letter) AS letters`,
    );
    expect(rows).toEqual([{ failed: 0, letters: 0 }]);
    expect(await outcomeOf(line('good at last'))).toEqual({ state: 'settled', asserted: 1 });
  });
});
