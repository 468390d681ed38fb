import { describeConsumer } from './describe-consumer.js';
import { describeOutage } from './describe-outage.js';
import { describeProducer } from './describe-producer.js';
import { describeTopicAdmin } from './describe-topic-admin.js';
import type { ContractSetting } from './contract-setting.js';

/** The contract of the Kafka port, against a real broker. Every adapter's integration spec calls this. */
export function describeKafkaClient(name: string, setting: ContractSetting): void {
  describe(name, () => {
    describeProducer(setting);
    describeConsumer(setting);
    describeTopicAdmin(setting);
    describeOutage(setting);
  });
}
