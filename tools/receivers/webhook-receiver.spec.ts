import { createHmac, randomBytes } from 'node:crypto';
import { startWebhookReceiver, type WebhookReceiver } from './webhook-receiver.js';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

let receiver: WebhookReceiver;
beforeEach(async () => {
  receiver = await startWebhookReceiver({ keys: { secrets: [SECRET] } });
});
afterEach(() => receiver.close());

interface Tampering {
  secret?: string;
  at?: number;
  omit?: string;
}

async function post(body: string, { secret = SECRET, at = Date.now(), omit }: Tampering = {}): Promise<Response> {
  const timestamp = Math.floor(at / 1000);
  const key = Buffer.from(secret.slice(6), 'base64');
  const headers: Record<string, string> = {
    'webhook-id': 'b1',
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${createHmac('sha256', key).update(`b1.${timestamp}.${body}`).digest('base64')}`,
  };
  if (omit) delete headers[omit];
  return fetch(receiver.url, { method: 'POST', headers, body });
}

function batch(...rowIds: string[]): string {
  const records = rowIds.map((row_id) => ({ id: `e-${row_id}`, type: 'row', channel: 'c', row_id, version: 1 }));
  return JSON.stringify({ type: 'tocsin.batch', channel: 'c', revision: 1, lane: 'ordinary', records });
}

describe('the reference receiver', () => {
  it('applies what is signed by a trusted key, and tells who waits', async () => {
    const before = Date.now();
    const waited = receiver.waitFor((state) => state.row('c', 'r2') !== undefined, 60_000);
    expect((await post(batch('r1', 'r2'))).status).toBe(204);
    await waited;
    expect(receiver.table().map(({ record }) => record.row_id)).toEqual(['r1', 'r2']);
    expect(receiver.arrivals[0]?.at).toBeGreaterThanOrEqual(before);
    expect(receiver.arrivals[0]?.at).toBeLessThanOrEqual(Date.now());
  });

  it('stops waiting in time', async () => {
    await expect(receiver.waitFor(() => false, 20)).rejects.toThrow('within 20 ms');
  });

  it.each<[string, Tampering]>([
    ['another key', { secret: `whsec_${randomBytes(32).toString('base64')}` }],
    ['an old time', { at: Date.now() - 301_000 }],
    ['a time to come', { at: Date.now() + 302_000 }],
    ['no signature', { omit: 'webhook-signature' }],
    ['no id', { omit: 'webhook-id' }],
    ['no time', { omit: 'webhook-timestamp' }],
  ])('refuses a message with %s', async (_what, tampering) => {
    expect((await post(batch('r1'), tampering)).status).toBe(401);
    expect((await post('{"type":"tocsin.challenge","challenge":"c"}', tampering)).status).toBe(401);
    expect(receiver.table()).toEqual([]);
  });

  it('answers a signed challenge, and an unsigned one while it trusts nobody', async () => {
    expect(await (await post('{"type":"tocsin.challenge","challenge":"c1"}')).json()).toEqual({ challenge: 'c1' });
    receiver.trust({ secrets: [] });
    expect(await (await post('{"type":"tocsin.challenge","challenge":"c2"}')).json()).toEqual({ challenge: 'c2' });
    expect((await post(batch('r1'))).status).toBe(401);
  });

  it.each([
    '{',
    '[]',
    '{"type":"other"}',
    '{"type":"tocsin.batch","records":[]}',
    batch('r1').replace('"version":1', '"version":"x"'),
  ])('answers 400 to %s', async (body) => expect((await post(body)).status).toBe(400));

  it('fails, refuses, drops and lingers as told', async () => {
    receiver.behave({ fail: { status: 503, times: 1, retryAfter: '9' } });
    const failed = await post(batch('r1'));
    expect([failed.status, failed.headers.get('retry-after')]).toEqual([503, '9']);
    receiver.behave({ refuseRows: ['r2'] });
    expect((await post(batch('r1', 'r2'))).status).toBe(422);
    expect(receiver.table()).toEqual([]);
    receiver.behave({ drop: 1 });
    await expect(post(batch('r1'))).rejects.toThrow();
    expect(receiver.row('c', 'r1')?.state).toBe('live');
    receiver.behave({ slowMs: 100 });
    const started = performance.now();
    expect((await post(batch('r1'))).status).toBe(204);
    expect(performance.now() - started).toBeGreaterThan(95);
    expect(receiver.arrivals.map(({ outcome }) => outcome)).toEqual(['applied', 'stale']);
  });

  it('shows its state and takes orders from the same machine', async () => {
    const at = (path: string): string => `http://127.0.0.1:${receiver.port}${path}`;
    await post(batch('r1'));
    const counts: unknown = await (await fetch(at('/state'))).json();
    expect(counts).toEqual({ arrived: 1, malformed: 0, live: 1, withdrawn: 0, left: [] });
    expect(await (await fetch(at('/state/table'))).json()).toHaveLength(1);
    expect(await (await fetch(at('/state/arrivals?from=1'))).json()).toEqual([]);
    const order = { method: 'POST', body: JSON.stringify({ fail: { status: 500, times: 1 } }) };
    expect((await fetch(at('/control/behaviour'), order)).status).toBe(200);
    expect((await post(batch('r2'))).status).toBe(500);
    await fetch(at('/control/trust'), { method: 'POST', body: JSON.stringify({ secrets: [] }) });
    expect((await post(batch('r2'))).status).toBe(401);
    expect((await fetch(at('/elsewhere'))).status).toBe(404);
  });
});
