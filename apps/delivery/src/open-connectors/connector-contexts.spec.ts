import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMissingKeys, KeyRing } from '#libs/access';
import type { EgressPort } from '#libs/connectors';
import type { KafkaClient, Producer } from '#libs/messaging';
import { connectorContexts } from './connector-contexts.js';

const egress: EgressPort = {
  post: () => Promise.reject(new Error('nothing is posted here')),
  request: () => Promise.reject(new Error('nothing is posted here')),
};
const record = { key: 'k', value: '{}', headers: {} };

describe('what connectors may use', () => {
  let keysDir: string;
  beforeAll(() => {
    keysDir = mkdtempSync(join(tmpdir(), 'tocsin-keys-'));
    createMissingKeys(keysDir, new Date());
  });
  afterAll(() => rmSync(keysDir, { recursive: true }));

  it('lets no topic wait for another, as a producer sends one thing at a time', async () => {
    const sent: string[] = [];
    // A real producer tries for seconds to find a topic that is missing; this one for ever.
    const producer = (): Pick<Producer, 'send'> => {
      let tail: Promise<unknown> = Promise.resolve();
      const send: Producer['send'] = async ([batch]) => {
        const mine = tail.then(() => (batch?.topic === 'missing' ? new Promise(() => undefined) : undefined));
        tail = mine;
        await mine;
        sent.push(batch?.topic ?? '');
      };
      return { send };
    };
    const kafka = { producer } as unknown as KafkaClient;
    const contexts = connectorContexts(
      { ordinary: egress, emergency: egress },
      kafka,
      KeyRing.open(keysDir, 'webhook-signing'),
    );
    void contexts.ordinary.topics.produce('missing', [record]);
    await contexts.ordinary.topics.produce('sound', [record]);
    await contexts.ordinary.topics.produce('sound', [record]);
    expect(sent).toEqual(['sound', 'sound']);
  });
});
