import { randomBytes } from 'node:crypto';
import { unseal, webhookSigning, type KeyRing } from '#libs/access';
import type { ConnectorContext, EgressPort, FilePort, SigningPort, TopicPort } from '#libs/connectors';
import { fault } from '#libs/domain';
import type { KafkaClient, Producer } from '#libs/messaging';
import type { Lane } from '../disclose-and-send/delivery-target.js';

/** A write to a platform's topic is given up after this time and tried again later. */
const PRODUCE_MS = 15_000;

/** Records to platform topics, each through a producer of its own, so that one that is missing holds up no other. */
function topicPort(kafka: KafkaClient): TopicPort {
  const producers = new Map<string, Producer>();
  return {
    produce: (topic, records) => {
      const producer = producers.get(topic) ?? kafka.producer();
      producers.set(topic, producer);
      return producer.send([{ topic, records }], AbortSignal.timeout(PRODUCE_MS));
    },
  };
}

/**
 * What connectors may use, for each lane: connections to one receiver are few and a producer sends one thing at a
 * time, so each lane has its own of both.
 */
export function connectorContexts(
  egress: Record<Lane, EgressPort>,
  kafka: KafkaClient,
  signingKeys: KeyRing,
  files?: FilePort,
): Record<Lane, ConnectorContext> {
  const signing: SigningPort = webhookSigning(signingKeys);
  const context = (lane: Lane): ConnectorContext => ({
    ...{ egress: egress[lane], signing, randomBytes, files },
    topics: topicPort(kafka),
    now: () => new Date(),
  });
  return { ordinary: context('ordinary'), emergency: context('emergency') };
}

/**
 * Opens the secrets of a subscription, which are sealed to its id.
 * @throws a fault when no key opens them
 */
export function openSecrets(ring: KeyRing, sealed: Buffer, subscriptionId: string): Record<string, string> {
  const secrets: unknown = JSON.parse(unseal(ring, sealed, subscriptionId).toString());
  if (typeof secrets !== 'object' || secrets === null) throw fault('sealed secrets are not an object');
  return Object.fromEntries(
    Object.entries(secrets).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
