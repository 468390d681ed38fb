import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { startKafkaReceiver } from './kafka-receiver.js';
import { announce, readJsonFile, readWhole, sentenceOf, untilStopped } from './own-process.js';
import { stateServer } from './state-endpoint.js';

const program = new Command('kafka-receiver')
  .description('Reads a platform’s own topic and keeps its table, in memory.')
  .requiredOption('--brokers <list>', 'host:port, separated by commas')
  .requiredOption('--topic <name>', 'the topic handed over at registration')
  .requiredOption('--group <id>', 'consumer group, beginning with the prefix handed over')
  .option('--credentials <file>', 'JSON file with username and password', readJsonFile)
  .option('--port <number>', 'port of the state endpoint on 127.0.0.1, 0 for any', readWhole, 0)
  .option('--json', 'print one line of JSON with the addresses when ready')
  .parse();

const given = program.opts<{
  brokers: string;
  topic: string;
  group: string;
  credentials?: { username: string; password: string };
  port: number;
  json?: boolean;
}>();
const receiver = await startKafkaReceiver({
  brokers: given.brokers.split(','),
  topic: given.topic,
  groupId: given.group,
  credentials: given.credentials,
}).catch((error: unknown) => program.error(`Kafka cannot be read: ${sentenceOf(error)}`));
const server = stateServer(receiver.state);
await new Promise<void>((resolve, reject) => {
  server.once('error', reject).listen(given.port, '127.0.0.1', resolve);
}).catch((error: unknown) => program.error(`The state endpoint cannot listen: ${sentenceOf(error)}`));
const { port } = server.address() as AddressInfo;
announce({ kind: 'kafka', topic: given.topic, state: `http://127.0.0.1:${port}/state` }, given.json);
await untilStopped();
server.closeAllConnections();
server.close();
await receiver.close();
