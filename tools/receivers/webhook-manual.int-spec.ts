import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { makeConformanceKeys, runConformance } from '#libs/conformance';
import {
  connectorById,
  sends,
  type ConnectorContext,
  type OutgoingRecord,
  type SendingConnector,
} from '#libs/connectors';
import { createEgress, type Egress } from '#libs/egress';
import { anOutgoingBatch, anOutgoingRecord } from '#libs/testing';
import { manualText, startManualProgram, type ManualProgram } from './manual-program.js';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');

let egress: Egress;
let program: ManualProgram | undefined;
beforeEach(() => {
  mkdirSync('var', { recursive: true });
  egress = createEgress({ exceptions: ['127.0.0.1:*'], allowHttp: true });
});
afterEach(async () => {
  await egress.close();
  await program?.stop();
  program = undefined;
});

function context(): ConnectorContext {
  return {
    egress,
    topics: { produce: () => Promise.reject(new Error('a webhook writes to no topic')) },
    signing: {
      ed25519: (message) => [{ keyId: 'k1', signature: sign(null, message, privateKey) }],
      publicKeys: () => [{ keyId: 'k1', raw }],
    },
    now: () => new Date(),
    randomBytes,
  };
}

function webhook(): SendingConnector {
  const connector = connectorById('webhook');
  if (!connector || !sends(connector)) throw new Error('there is no webhook connector');
  return connector;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Whether Python can run the program with these packages; said aloud when not. */
function pythonHas(...packages: string[]): boolean {
  try {
    execFileSync('python3', ['-c', `import ${['sys', ...packages].join(', ')}`], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write(`skipped: there is no python3 with ${packages.join(' and ') || 'nothing more'}\n`);
    return false;
  }
}

async function start(language: 'typescript' | 'python', keys: object): Promise<string> {
  const port = await freePort();
  const text = await manualText('webhook.md', language);
  const environment = { KEYS: 'keys.json', PORT: String(port) };
  program = await startManualProgram(text, language, environment, { 'keys.json': JSON.stringify(keys) });
  await program.says('ready', 20_000);
  return `http://127.0.0.1:${port}/`;
}

const PROGRAMS: ['typescript' | 'python', 'ed25519' | 'hmac'][] = [
  ['typescript', 'ed25519'],
  ['typescript', 'hmac'],
  ...(pythonHas('cryptography') ? [['python', 'ed25519'] as ['python', 'ed25519']] : []),
  ...(pythonHas() ? [['python', 'hmac'] as ['python', 'hmac']] : []),
];

describe('the receivers in the manual', () => {
  it.each(PROGRAMS)('in %s with %s verify, apply and keep withdrawals', async (language, signature) => {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const keys = signature === 'hmac' ? { secrets: [secret] } : { public_keys: [`whpk_${raw.toString('base64')}`] };
    const url = await start(language, keys);
    const settings = webhook().readSettings({ url, signature });
    const deliver = (records: OutgoingRecord[], revision: number, given = secret): Promise<{ outcome: string }> =>
      webhook().deliver(anOutgoingBatch(records, { revision }), settings, { current: given }, context());

    if (signature === 'ed25519') {
      await expect(webhook().register('picturebook', settings, context())).resolves.toMatchObject({ secrets: {} });
    }
    const record = anOutgoingRecord();
    const withdrawal = anOutgoingRecord({ kind: 'withdrawal', rowId: record.rowId, version: 2 });
    const unseen = anOutgoingRecord({ kind: 'withdrawal', version: 9 });
    const late = anOutgoingRecord({ rowId: unseen.rowId, version: 8 });
    const left = {
      ...anOutgoingRecord({ kind: 'membership-ended', version: 0 }),
      body: JSON.stringify({ id: 'e', type: 'membership-ended', channel: 'everyone', version: 0, rows: 'delete-all' }),
    };
    for (const [records, revision] of [
      [[record], 1],
      [[record], 1],
      [[withdrawal], 1],
      [[record, unseen, late], 1],
      [[withdrawal], 2],
      [[{ ...record, version: 3, body: record.body.replace('"version":1', '"version":3') }], 2],
      [[left], 3],
      [[{ ...record, version: 4, body: record.body.replace('"version":1', '"version":4') }, anOutgoingRecord()], 3],
      [[{ ...record, version: 3, body: record.body.replace('"version":1', '"version":3') }], 2],
      [[{ ...record, version: 3, body: record.body.replace('"version":1', '"version":3') }], 4],
    ] as [OutgoingRecord[], number][]) {
      expect(await deliver(records, revision)).toMatchObject({ outcome: 'sent' });
    }
    const key = `everyone/${record.rowId}`;
    await program?.says(`live ${key} 3`, 60_000, 2);
    expect(program?.lines).toEqual([
      'ready',
      `live ${key} 1`,
      `withdrawn ${key} 2 restore`,
      `withdrawn everyone/${unseen.rowId} 9 restore`,
      `withdrawn ${key} 2 restore`,
      `live ${key} 3`,
      `live ${key} 3`,
    ]);

    if (signature === 'hmac') {
      const wrong = `whsec_${randomBytes(32).toString('base64')}`;
      const refused = await deliver([anOutgoingRecord()], 5, wrong);
      expect(refused).toMatchObject({ outcome: 'unavailable', detail: 'The receiver answered 401.' });
    }
  });

  it.each(PROGRAMS)('in %s with %s conform', async (language, signature) => {
    const keys = makeConformanceKeys();
    const { public_keys, secrets } = keys;
    const url = await start(language, signature === 'hmac' ? { secrets } : { public_keys });
    const post = async (headers: Record<string, string>, body: Buffer) => {
      const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) });
      return { status: answer.status, body: await answer.text() };
    };
    const results = await runConformance({ post }, keys, { burst: 2_000 });
    expect(results.filter(({ outcome }) => outcome === 'fails')).toEqual([]);
  });

  it.each(['typescript', ...(pythonHas() ? (['python'] as const) : [])] as const)(
    'in %s answer the challenge, and nothing else, before they have a key',
    async (language) => {
      const url = await start(language, {});
      const settings = webhook().readSettings({ url });
      await expect(webhook().register('picturebook', settings, context())).resolves.toBeDefined();
      const outcome = await webhook().deliver(anOutgoingBatch([anOutgoingRecord()]), settings, {}, context());
      expect(outcome).toMatchObject({ outcome: 'unavailable', detail: 'The receiver answered 401.' });
      expect(program?.lines).toEqual(['ready']);
    },
  );
});
