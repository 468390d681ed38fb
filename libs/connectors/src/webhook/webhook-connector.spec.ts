import { REPORTING_DUTY, reportingRouteOf } from '#libs/domain';
import { createPublicKey, generateKeyPairSync, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { createEgress, type Egress } from '#libs/egress';
import { anOutgoingBatch, anOutgoingRecord, describeConnector, type ContractReceiver } from '#libs/testing';
import { startWebhookReceiver, type WebhookReceiver } from '../../../../tools/receivers/webhook-receiver.js';
import type { ConnectorContext, EgressPort, HttpAnswer, SigningPort } from '../connector.js';
import { webhook } from './index.js';

const REPORTING = JSON.stringify({ ...reportingRouteOf('NO'), duty: REPORTING_DUTY });

/** Keys of a deployment, newest first. */
class Keys implements SigningPort {
  readonly pairs: { keyId: string; privateKey: KeyObject; raw: Buffer }[] = [];

  constructor() {
    this.add();
  }

  add(): void {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    this.pairs.unshift({ keyId: `k${this.pairs.length + 1}`, privateKey, raw });
  }

  ed25519(message: Buffer): { keyId: string; signature: Buffer }[] {
    return this.pairs.map(({ keyId, privateKey }) => ({ keyId, signature: sign(null, message, privateKey) }));
  }

  publicKeys(): { keyId: string; raw: Buffer }[] {
    return this.pairs.map(({ keyId, raw }) => ({ keyId, raw }));
  }
}

/** Cuts the deadline of an exchange short, so that a test of a deadline does not take it. */
function hurried(egress: Egress, deadlineMs: number): EgressPort {
  return {
    post: (url, headers, body, limits) => egress.post(url, headers, body, { ...limits, deadlineMs }),
    request: () => Promise.reject(new Error('a webhook is posted')),
  };
}

function contextOver(egress: EgressPort, signing: SigningPort = new Keys()): ConnectorContext {
  return {
    egress,
    signing,
    topics: { produce: () => Promise.reject(new Error('a webhook writes to no topic')) },
    now: () => new Date(),
    randomBytes,
  };
}

async function start(signature: 'ed25519' | 'hmac'): Promise<ContractReceiver & { receiver: WebhookReceiver }> {
  const receiver = await startWebhookReceiver();
  const egress = createEgress({ exceptions: ['127.0.0.1:*'], allowHttp: true });
  const times = 1;
  return {
    receiver,
    settings: { url: `${receiver.url}?token=not-to-be-told`, signature, batch_size: 500 },
    context: contextOver(hurried(egress, 500)),
    trust: trustIn(receiver),
    taken: () =>
      receiver.requests
        .filter(({ status, body }) => status === 204 && !body.includes('tocsin.challenge'))
        .map(({ id, body }) => ({ sameAtRepeat: `${id}\n${body.toString('base64')}`, records: recordsIn(body) })),
    faults: {
      refuse: (rowId) => receiver.behave({ refuseRows: [rowId] }),
      throttle: (seconds) => receiver.behave({ fail: { status: 429, times, retryAfter: String(seconds) } }),
      fail: () => receiver.behave({ fail: { status: 500, times } }),
      hang: () => receiver.behave({ slowMs: 3_000 }),
      vanish: () => receiver.close(),
      leave: () => receiver.behave({ fail: { status: 410, times } }),
    },
    stop: async () => {
      await egress.close();
      await receiver.close();
    },
  };
}

function trustIn(receiver: WebhookReceiver): ContractReceiver['trust'] {
  return ({ public_keys, signing_secret }) =>
    receiver.trust({ publicKeys: [public_keys ?? []].flat(), secrets: [signing_secret ?? []].flat() });
}

/** Records of a body with their exact bytes, which a parse and a print would not keep. */
function recordsIn(body: Buffer): { eventId: string; body: string }[] {
  const text = body.toString('utf8');
  const { records } = JSON.parse(text) as { records: { id: string }[] };
  const inside = text.slice(text.indexOf('"records":[') + '"records":['.length, -2);
  const bodies = inside.split(/(?<=\}),(?=\{"id":)/);
  return records.map(({ id }, index) => ({ eventId: id, body: bodies[index] ?? '' }));
}

describe.each(['ed25519', 'hmac'] as const)('webhook signed with %s', (signature) => {
  describeConnector(webhook, () => start(signature));
});

/** Answers with what it is given and keeps what was sent. */
function answering(...answers: Partial<HttpAnswer>[]): EgressPort & { sent: SentRequest[] } {
  const sent: SentRequest[] = [];
  return {
    sent,
    request: () => Promise.reject(new Error('a webhook is posted')),
    post: (url, headers, body) => {
      sent.push({ url, headers, body: Buffer.from(body) });
      const next = answers.shift() ?? {};
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0), durationMs: 5, ...next });
    },
  };
}

interface SentRequest {
  url: string;
  headers: Record<string, string>;
  body: Buffer;
}

const ED25519 = webhook.readSettings({ url: 'https://hook.example/a?token=t' });
const HMAC = webhook.readSettings({ url: 'https://hook.example/a', signature: 'hmac' });

describe('the webhook', () => {
  it('is signed so that the reference library takes it', async () => {
    const egress = answering();
    const secrets = { current: `whsec_${randomBytes(32).toString('base64')}` };
    await webhook.deliver(anOutgoingBatch([anOutgoingRecord()]), HMAC, secrets, contextOver(egress));
    const [request] = egress.sent;
    const reference = new Webhook(secrets.current);
    expect(reference.verify(request?.body ?? '', request?.headers ?? {})).toMatchObject({ type: 'tocsin.batch' });
    const forged = Buffer.from(request?.body.toString().replace('ordinary', 'emergency') ?? '');
    expect(() => reference.verify(forged, request?.headers ?? {})).toThrow('No matching signature');
  });

  it('carries one ed25519 signature of every key in use, over id, time and body', async () => {
    const keys = new Keys();
    keys.add();
    const egress = answering();
    const batch = anOutgoingBatch([anOutgoingRecord()]);
    await webhook.deliver(batch, ED25519, {}, contextOver(egress, keys));
    const { headers = {}, body = Buffer.alloc(0) } = egress.sent[0] ?? {};
    expect(headers['webhook-id']).toBe(batch.batchId);
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60);
    const signatures = headers['webhook-signature']?.split(' ') ?? [];
    expect(signatures).toHaveLength(2);
    const content = Buffer.concat([Buffer.from(`${batch.batchId}.${headers['webhook-timestamp']}.`), body]);
    signatures.forEach((written, index) => {
      const x = keys.pairs[index]?.raw.toString('base64url') ?? '';
      const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
      expect(written).toMatch(/^v1a,/);
      expect(verify(null, content, key, Buffer.from(written.slice(4), 'base64'))).toBe(true);
      expect(
        verify(null, Buffer.concat([content, Buffer.from(' ')]), key, Buffer.from(written.slice(4), 'base64')),
      ).toBe(false);
    });
  });

  it('says type, channel and lane before the records', async () => {
    const egress = answering();
    const records = [anOutgoingRecord(), anOutgoingRecord({ kind: 'withdrawal' })];
    await webhook.deliver(
      anOutgoingBatch(records, { lane: 'emergency', revision: 4 }),
      ED25519,
      {},
      contextOver(egress),
    );
    expect(egress.sent[0]?.body.toString()).toBe(
      `{"type":"tocsin.batch","channel":"everyone","revision":4,"lane":"emergency","reporting":${REPORTING},"records":[${records.map(({ body }) => body).join(',')}]}`,
    );
  });

  it('without any key to sign with is a fault and sends nothing', async () => {
    const egress = answering();
    const batch = anOutgoingBatch([anOutgoingRecord()]);
    await expect(webhook.deliver(batch, HMAC, {}, contextOver(egress))).rejects.toMatchObject({ family: 'fault' });
    expect(egress.sent).toHaveLength(0);
  });

  it('keeps to the batch size that the platform asked for', async () => {
    const egress = answering();
    const settings = webhook.readSettings({ url: 'https://hook.example/', batch_size: 2 });
    const batch = anOutgoingBatch([anOutgoingRecord(), anOutgoingRecord(), anOutgoingRecord()]);
    expect(await webhook.deliver(batch, settings, {}, contextOver(egress))).toMatchObject({ outcome: 'refused' });
    expect(webhook.batchOf?.(settings).records).toBe(2);
    expect(egress.sent).toHaveLength(0);
  });

  it('is unavailable, not lost, when its address may not be reached any more', async () => {
    const egress = createEgress({ lookup: () => Promise.resolve(['10.0.0.1']) });
    const outcome = await webhook.deliver(anOutgoingBatch([anOutgoingRecord()]), ED25519, {}, contextOver(egress));
    expect(outcome).toMatchObject({ outcome: 'unavailable' });
    await egress.close();
  });
});

describe('registration', () => {
  async function registered(answer: (challenge: string) => { status: number; body: string }): Promise<unknown> {
    const server = createServer((request, response) => {
      void request.toArray().then((pieces: Buffer[]) => {
        const { challenge } = JSON.parse(Buffer.concat(pieces).toString()) as { challenge: string };
        const { status, body } = answer(challenge);
        response.writeHead(status).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const egress = createEgress({ exceptions: ['127.0.0.1:*'], allowHttp: true });
    const settings = webhook.readSettings({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
    try {
      return await webhook.register('picturebook', settings, contextOver(hurried(egress, 500)));
    } finally {
      await egress.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  it('hands over the public keys with their ids', async () => {
    const keys = new Keys();
    keys.add();
    const { receiver, stop } = await start('ed25519');
    const egress = createEgress({ exceptions: ['127.0.0.1:*'], allowHttp: true });
    receiver.trust({ publicKeys: keys.publicKeys().map(({ raw }) => `whpk_${raw.toString('base64')}`) });
    const settings = webhook.readSettings({ url: receiver.url });
    const { secrets, handOver } = await webhook.register('picturebook', settings, contextOver(egress, keys));
    expect(secrets).toEqual({});
    expect(handOver).toEqual({
      public_keys: keys.publicKeys().map(({ raw }) => `whpk_${raw.toString('base64')}`),
      public_key_ids: ['k2', 'k1'],
    });
    await egress.close();
    await stop();
  });

  it('makes a secret for HMAC, and rotates it with an overlap in which both sign', async () => {
    const challenged = answering();
    const echo: EgressPort = {
      request: () => Promise.reject(new Error('a webhook is posted')),
      post: async (url, headers, body, limits) => ({
        ...(await challenged.post(url, headers, body, limits)),
        body: Buffer.from(body),
      }),
    };
    const first = await webhook.register('picturebook', HMAC, contextOver(echo));
    expect(first.secrets).toEqual({ current: first.handOver.signing_secret });
    expect(Buffer.from((first.secrets.current ?? '').slice('whsec_'.length), 'base64')).toHaveLength(32);
    expect(challenged.sent[0]?.headers['webhook-signature']).toMatch(/^v1a,\S+ v1,\S+$/);

    const egress = answering();
    const context = contextOver(egress);
    const second = webhook.rotate?.(HMAC, first.secrets, context, 60_000);
    expect(second?.handOver.signing_secret).not.toBe(first.handOver.signing_secret);
    const batch = anOutgoingBatch([anOutgoingRecord()]);
    const inAMinute = { ...context, now: () => new Date(Date.now() + 61_000) };
    await webhook.deliver(batch, HMAC, second?.secrets ?? {}, context);
    await webhook.deliver(batch, HMAC, second?.secrets ?? {}, inAMinute);
    const verifies = (secret: unknown, index: number): boolean => {
      try {
        new Webhook(String(secret)).verify(egress.sent[index]?.body ?? '', egress.sent[index]?.headers ?? {});
        return true;
      } catch {
        return false;
      }
    };
    expect([verifies(first.secrets.current, 0), verifies(second?.secrets.current, 0)]).toEqual([true, true]);
    expect([verifies(first.secrets.current, 1), verifies(second?.secrets.current, 1)]).toEqual([false, true]);

    // Rotated again within the overlap, the first is good to the end it was promised.
    const third = webhook.rotate?.(HMAC, second?.secrets ?? {}, context, 120_000);
    await webhook.deliver(batch, HMAC, third?.secrets ?? {}, context);
    await webhook.deliver(batch, HMAC, third?.secrets ?? {}, inAMinute);
    const all = [first, second, third].map((rotated) => rotated?.secrets.current);
    expect(all.map((secret) => verifies(secret, 2))).toEqual([true, true, true]);
    expect(all.map((secret) => verifies(secret, 3))).toEqual([false, true, true]);
    // Without an overlap whatever was there before ends at once.
    const fourth = webhook.rotate?.(HMAC, third?.secrets ?? {}, context, 0);
    expect(Object.keys(fourth?.secrets ?? {})).toEqual(['current']);
  });

  it('succeeds when the challenge comes back', async () => {
    await expect(
      registered((challenge) => ({ status: 200, body: JSON.stringify({ challenge }) })),
    ).resolves.toMatchObject({ secrets: {} });
  });

  it.each<[string, (challenge: string) => { status: number; body: string }]>([
    ['another challenge', () => ({ status: 200, body: '{"challenge":"x"}' })],
    ['a part of it', (challenge) => ({ status: 200, body: JSON.stringify({ challenge: challenge.slice(1) }) })],
    ['nothing', () => ({ status: 200, body: '' })],
    ['no JSON', (challenge) => ({ status: 200, body: challenge })],
    ['a list', (challenge) => ({ status: 200, body: JSON.stringify([challenge]) })],
    ['a number', () => ({ status: 200, body: '{"challenge":7}' })],
    ['it after much else', (challenge) => ({ status: 200, body: `${' '.repeat(70_000)}{"challenge":"${challenge}"}` })],
    ['it with 201', (challenge) => ({ status: 201, body: JSON.stringify({ challenge }) })],
    ['it with 500', (challenge) => ({ status: 500, body: JSON.stringify({ challenge }) })],
  ])('is refused when the receiver answers %s', async (_what, answer) => {
    await expect(registered(answer)).rejects.toMatchObject({ code: 'TOC_CONNECTOR_CHALLENGE', family: 'rejection' });
  });

  it('is refused when nobody answers, and when the address may not be reached', async () => {
    const dead = createEgress({
      exceptions: ['127.0.0.1:*'],
      lookup: () => Promise.resolve(['127.0.0.1']),
      ports: [1],
    });
    const nobody = webhook.readSettings({ url: 'https://hook.example:1/' });
    await expect(webhook.register('picturebook', nobody, contextOver(dead))).rejects.toMatchObject({
      code: 'TOC_CONNECTOR_CHALLENGE',
    });
    const inside = webhook.readSettings({ url: 'https://169.254.169.254/' });
    await expect(webhook.register('picturebook', inside, contextOver(createEgress()))).rejects.toMatchObject({
      code: 'TOC_CONNECTOR_EGRESS',
    });
    await dead.close();
  });
});

describe('settings', () => {
  it('have defaults', () => {
    expect(ED25519).toEqual({ url: 'https://hook.example/a?token=t', signature: 'ed25519', batch_size: 100 });
  });

  it.each([
    [{}, ['url']],
    [{ url: 7 }, ['url']],
    [{ url: 'hook.example' }, ['url']],
    [{ url: 'ftp://hook.example/' }, ['url']],
    [{ url: 'https://user:word@hook.example/' }, ['url']],
    [{ url: `https://hook.example/${'a'.repeat(2048)}` }, ['url']],
    [{ url: 'https://hook.example/', signature: 'rsa' }, ['signature']],
    [{ url: 'https://hook.example/', batch_size: 0 }, ['batch_size']],
    [{ url: 'https://hook.example/', batch_size: 501 }, ['batch_size']],
    [{ url: 'https://hook.example/', batch_size: 1.5 }, ['batch_size']],
    [{ url: 'https://hook.example/', batch_size: '10' }, ['batch_size']],
    [
      { url: '', signature: null, batch_size: [], zebra: 1, ape: 1 },
      ['url', 'signature', 'batch_size', 'ape', 'zebra'],
    ],
  ])('%j are refused, naming every field', (given, fields) => {
    try {
      webhook.readSettings(given);
    } catch (error) {
      const { facts } = error as { facts: { problems: string[] } };
      expect(facts.problems.map((problem) => problem.split(':')[0])).toEqual(fields);
      expect(JSON.stringify(facts)).not.toMatch(/hook\.example|word|rsa|501/);
      return;
    }
    throw new Error('was not refused');
  });
});
