import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal, type Call } from '../call-exchange/exchange-api.js';
import { collectOnce, type Look } from './collect-once.js';
import { nextLookIn } from './collect.command.js';
import { getBounded } from './get-bounded.js';
import { readSources } from './read-sources.js';
import { SourceRecords } from './source-record.js';
import type { SourceSettings } from './source.js';

interface Submitted {
  query: Call['query'];
  key?: string;
  text: string;
}

describe('collecting', () => {
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse) => unknown;
  let folder: string;
  let submitted: Submitted[];
  let refuse: ((text: string) => Refusal | undefined) | undefined;

  beforeAll(async () => {
    server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'collect-'));
    submitted = [];
    refuse = undefined;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const url = (path: string): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const api = {
    intake<Answer>(_method: string, _path: string, { body, query, headers }: Call = {}): Promise<Answer> {
      const text = Buffer.from(body as Uint8Array).toString();
      const refusal = refuse?.(text);
      if (refusal) return Promise.reject(refusal);
      submitted.push({ query, key: headers?.['idempotency-key'], text });
      return Promise.resolve({ id: `submission-${submitted.length}` } as Answer);
    },
  };
  /** As after a restart each time: nothing is remembered but what is in the folder. */
  function look(source: Partial<SourceSettings>): Promise<Look> {
    const records = new SourceRecords(join(folder, 'state'), join(folder, 'metrics.prom'));
    const settings = { name: 'one', kind: 'document', every_seconds: 5, parameters: { harm: 'tvec' }, ...source };
    return collectOnce(settings, { api, records, tools: { get: getBounded } });
  }

  it('hands a document over when it changes, and only then', async () => {
    let etag = '"1"';
    answer = ({ headers }, response) =>
      headers['if-none-match'] === etag
        ? response.writeHead(304).end()
        : response.writeHead(200, { etag }).end(`alert ${etag}`);
    const source = { url: url('/feed.cap') };
    expect((await look(source)).receipts).toEqual([{ document: source.url, submission: 'submission-1' }]);
    expect(await look(source)).toEqual({ receipts: [], refused: [] });
    etag = '"2"';
    await look(source);
    expect(submitted.map(({ text }) => text)).toEqual(['alert "1"', 'alert "2"']);
    expect(submitted[0]?.query).toEqual({ harm: 'tvec' });
    expect(await readFile(join(folder, 'metrics.prom'), 'utf8')).toContain(
      'tocsin_source_documents_handed_over_total{source="one"} 2',
    );
  });

  it('goes through a TAXII collection page by page, and on from the last object', async () => {
    const asked: string[] = [];
    const added = ['2026-01-05T10:00:00.000Z', '2026-01-05T11:00:00.000Z'];
    answer = ({ url: path = '', headers }, response) => {
      asked.push(path);
      expect(headers.accept).toBe('application/taxii+json;version=2.1');
      expect(headers.authorization).toBe('Basic xyz');
      const { searchParams } = new URL(path, 'http://a');
      const first = !searchParams.has('next') && !searchParams.has('added_after');
      if (searchParams.get('added_after') === added[1]) return response.writeHead(200).end('{}');
      response.writeHead(200, { 'x-taxii-date-added-last': added[first ? 0 : 1] });
      return response.end(
        JSON.stringify({ more: first, ...(first ? { next: 'p2' } : {}), objects: [{ id: first ? 1 : 2 }] }),
      );
    };
    const source = { kind: 'taxii21', url: url('/api1/collections/1/objects/'), authorization: 'Basic xyz' };
    expect((await look(source)).receipts).toHaveLength(2);
    expect(submitted.map(({ text }) => (JSON.parse(text) as { objects: unknown }).objects)).toEqual([
      [{ id: 1 }],
      [{ id: 2 }],
    ]);
    expect(submitted[0]?.query).toMatchObject({ format: 'stix21' });
    expect((await look(source)).receipts).toEqual([]);
    expect(asked.map((path) => new URL(path, 'http://a').search)).toEqual([
      '?limit=1000',
      '?limit=1000&next=p2',
      `?limit=1000&added_after=${encodeURIComponent(added[1] ?? '')}`,
    ]);
  });

  it('takes the time of the last object where a server gives no next, and does not go round in circles', async () => {
    answer = (_request, response) =>
      response
        .writeHead(200, { 'x-taxii-date-added-last': '2026-01-05T10:00:00.000Z' })
        .end('{"more":true,"objects":[{"id":1}]}');
    const { problem, receipts } = await look({ kind: 'taxii21', url: url('/objects/') });
    expect([problem, receipts.length]).toEqual(['the server has more, and does not say where', 2]);
  });

  it('hands over the events of a MISP feed that changed', async () => {
    const [a, b] = ['5b8d9d33-ccf0-4fd9-82dc-000000000001', '5b8d9d33-ccf0-4fd9-82dc-000000000002'];
    const manifest: Record<string, unknown> = {
      [a]: { timestamp: '20' },
      [b]: { timestamp: 10 },
      '../../etc': { timestamp: 5 },
    };
    answer = ({ url: path }, response) =>
      response.end(path === '/feed/manifest.json' ? JSON.stringify(manifest) : `event ${path}`);
    const source = { kind: 'misp-feed', url: url('/feed') };
    await look(source);
    expect(submitted.map(({ text }) => text)).toEqual([`event /feed/${b}.json`, `event /feed/${a}.json`]);
    manifest[b] = { timestamp: 30 };
    await look(source);
    expect(submitted.slice(2).map(({ text }) => text)).toEqual([`event /feed/${b}.json`]);
  });

  it('empties a folder, and leaves what is still being written', async () => {
    const old = new Date(Date.now() - 60_000);
    for (const name of ['b.csv', 'a.csv', '.hidden']) {
      await writeFile(join(folder, name), name);
      await utimes(join(folder, name), old, old);
    }
    await writeFile(join(folder, 'c.csv'), 'not finished');
    const records = { kind: 'folder', folder };
    await look(records);
    expect(submitted.map(({ text }) => text)).toEqual(['a.csv', 'b.csv']);
    expect((await readdir(folder)).sort()).toEqual(['.hidden', 'c.csv', 'handed-over', 'metrics.prom', 'state']);
    expect(await readdir(join(folder, 'handed-over'))).toHaveLength(2);
  });

  it('says beside a guard file what its head says, where the source says nothing', async () => {
    const head = { record: 'head', version: 1, sender: 'agency.example', id: 'f1', made_at: '2026-01-05T10:00:00Z' };
    const statement = { nature: 'information', harm: 'csea' };
    await writeFile(
      join(folder, 'x.guard'),
      `${JSON.stringify({ ...head, statement })}\n{"record":"end","records":0}\n`,
    );
    await utimes(join(folder, 'x.guard'), 1, 1);
    await look({ kind: 'folder', folder });
    expect(submitted[0]?.query).toEqual({ nature: 'information', harm: 'tvec' });
  });

  it('repeats what failed with the same key, and passes over what was refused for good', async () => {
    answer = (_request, response) => response.end('a document');
    const source = { url: url('/x') };
    refuse = () => new Refusal({ status: 503, code: 'TOC_REQUEST_TOO_MANY', detail: 'later' });
    expect(await look(source)).toMatchObject({ problem: 'later', receipts: [] });
    expect(await readFile(join(folder, 'metrics.prom'), 'utf8')).toContain('failures_in_a_row{source="one"} 1');
    refuse = undefined;
    await look(source);
    await look(source);
    expect(new Set(submitted.map(({ key }) => key)).size).toBe(1);
    refuse = () => new Refusal({ status: 422, code: 'TOC_SUBMISSION_MALFORMED', detail: 'broken' });
    expect(await look({ ...source, name: 'two' })).toEqual({
      receipts: [],
      refused: [{ document: source.url, code: 'TOC_SUBMISSION_MALFORMED' }],
    });
  });

  it.each([
    ['a status', (_: IncomingMessage, response: ServerResponse) => response.writeHead(500).end()],
    ['a redirect', (_: IncomingMessage, response: ServerResponse) => response.writeHead(302, { location: '/y' }).end()],
    ['nothing', (_: IncomingMessage, response: ServerResponse) => response.destroy()],
  ])('takes %s of a source for a problem of the moment', async (_name, by) => {
    answer = by;
    expect((await look({ url: url('/x') })).problem).toMatch(/^the source/);
  });

  it('looks more seldom at what fails, up to an hour', () => {
    expect([0, 1, 2, 5, 30].map((failures) => nextLookIn(60, failures))).toEqual([60, 120, 240, 1920, 3600]);
    expect(nextLookIn(7200, 3)).toBe(7200);
  });

  it.each([
    ['no JSON', 'x'],
    ['no sources', '{"state_folder":"s","sources":[]}'],
    ['no state', '{"sources":[{"name":"a","kind":"folder","folder":"f"}]}'],
    ['an unknown kind', '{"state_folder":"s","sources":[{"name":"a","kind":"ftp","url":"ftp://a/"}]}'],
    ['no address', '{"state_folder":"s","sources":[{"name":"a","kind":"document","url":"file:///etc/passwd"}]}'],
    [
      'a name twice',
      '{"state_folder":"s","sources":[{"name":"a","kind":"folder","folder":"f"},{"name":"a","kind":"folder","folder":"g"}]}',
    ],
    ['a field of nobody', '{"state_folder":"s","sources":[{"name":"a","kind":"folder","folder":"f","every":1}]}'],
    ['haste', '{"state_folder":"s","sources":[{"name":"a","kind":"folder","folder":"f","every_seconds":1}]}'],
  ])('refuses a sources file with %s', async (_name, text) => {
    await writeFile(join(folder, 'sources.json'), text);
    await expect(readSources(join(folder, 'sources.json'))).rejects.toThrow(Refusal);
  });
});
