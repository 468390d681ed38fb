import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import {
  conforms,
  CONFORMANCE_CASES,
  makeConformanceKeys,
  runConformance,
  type CaseResult,
  type ReceiverUnderTest,
} from '#libs/conformance';
import { startWebhookReceiver } from './webhook-receiver.js';

const keys = makeConformanceKeys();
const settings = { burst: 1_500 };

const posting = (url: string): Pick<ReceiverUnderTest, 'post'> => ({
  async post(headers, body) {
    const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
    return { status: answer.status, body: await answer.text() };
  },
});
const failing = (results: readonly CaseResult[]): string[] =>
  results.filter(({ outcome }) => outcome === 'fails').map(({ id }) => id);

interface Read {
  records?: { type: string; row_id: string; version: number; ceiling?: string }[];
}

function read(text: string): Read {
  try {
    return JSON.parse(text) as Read;
  } catch {
    return {};
  }
}

/** A receiver that believes anybody, and what came last. */
async function credulous(): Promise<{
  server: Server;
  url: string;
  rows: Map<string, { state: 'live' | 'withdrawn'; version: number }>;
}> {
  const rows = new Map<string, { state: 'live' | 'withdrawn'; version: number }>();
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request.setEncoding('utf8')) text += piece as string;
    const { records = [] } = read(text);
    if (records.some(({ ceiling }) => ceiling === 'later-word')) return response.writeHead(422).end();
    for (const { type, row_id, version } of records)
      rows.set(row_id, { state: type === 'row' ? 'live' : 'withdrawn', version });
    return response.writeHead(200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, rows, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

describe('the conformance kit', () => {
  it('finds nothing wrong with the reference receiver', async () => {
    const receiver = await startWebhookReceiver({ keys: { publicKeys: keys.public_keys } });
    try {
      const held = (channel: string, rowId: string) => Promise.resolve(receiver.state.held(channel, rowId));
      const results = await runConformance({ ...posting(receiver.url), held }, keys, settings);
      expect(failing(results)).toEqual([]);
      expect(results.every(({ outcome }) => outcome === 'conforms')).toBe(true);
      expect(conforms(results)).toBe(true);
      // What cannot be seen is not called good.
      const unseen = await runConformance(posting(receiver.url), keys, settings);
      expect(unseen.filter(({ outcome }) => outcome === 'not-seen').map(({ id }) => id)).toContain('late-copy');
    } finally {
      await receiver.close();
    }
  }, 60_000);

  it('takes a receiver that shares a secret as well', async () => {
    const receiver = await startWebhookReceiver({ keys: { secrets: keys.secrets } });
    try {
      expect(failing(await runConformance(posting(receiver.url), keys, settings))).toEqual([]);
    } finally {
      await receiver.close();
    }
  }, 60_000);

  it('names everything that a receiver gets wrong which believes anybody, and what came last', async () => {
    const { server, url, rows } = await credulous();
    try {
      const held = (_channel: string, rowId: string) =>
        Promise.resolve(rows.get(rowId) ?? { state: 'absent' as const });
      const results = await runConformance({ ...posting(url), held }, keys, settings);
      expect(conforms(results)).toBe(false);
      expect(failing(results)).toEqual([
        ...[
          'challenge',
          'signature-of-a-stranger',
          'no-signature',
          'altered-body',
          'old-timestamp',
          'future-timestamp',
        ],
        ...['no-batch', 'older', 'late-copy', 'withdrawal-first', 'expired', 'unknown-ceiling', 'membership'],
      ]);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }, 60_000);

  it('has a case under each id once, and says them as docs/receivers/conformance.md does', async () => {
    const ids = CONFORMANCE_CASES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const page = await readFile(resolve('docs/receivers/conformance.md'), 'utf8');
    const told = [...page.matchAll(/^\| `([a-z-]+)` *\| ([a-z-]+) *\| (MUST|SHOULD) *\| (.*?) *\|$/gm)].map((row) =>
      row.slice(1),
    );
    expect(told).toEqual(CONFORMANCE_CASES.map(({ id, rule, level, says }) => [id, rule, level, says]));
  });
});
