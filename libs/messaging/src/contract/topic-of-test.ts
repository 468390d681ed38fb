import { randomUUID } from 'node:crypto';
import type { KafkaClient } from '../index.js';
import { type ContractSetting, quietLogger } from './contract-setting.js';

/** A client for one test, and topics of its own; closed by the test's `finally`. */
export async function withClient(
  { broker, createClient }: ContractSetting,
  test: (given: {
    client: KafkaClient;
    logged: string[];
    newTopic: (partitions?: number) => Promise<string>;
    group: string;
  }) => Promise<void>,
): Promise<void> {
  const logger = quietLogger();
  const client = createClient(broker().connection, { logger });
  const newTopic = async (partitions = 1) => {
    const topic = `contract.${randomUUID()}.v1`;
    await client.admin().ensureTopic({ topic, partitions });
    return topic;
  };
  try {
    await test({ client, logged: logger.lines, newTopic, group: `contract-${randomUUID()}` });
  } finally {
    await client.close();
  }
}
