import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { Command } from 'commander';
import { startKafkaReceiver } from './kafka-receiver.js';
import { announce, untilStopped } from './own-process.js';
import { stateServer } from './state-endpoint.js';

const program = new Command('kafka-receiver')
  .description('Reads a platform’s own topic and keeps its table, in memory.')
  .requiredOption('--brokers <list>', 'host:port, separated by commas')
  .requiredOption('--topic <name>', 'the topic handed over at registration')
  .requiredOption('--group <id>', 'consumer group, beginning with the prefix handed over')
  .option('--credentials <file>', 'JSON file with username and password')
  .option('--port <number>', 'port of the state endpoint on 127.0.0.1, 0 for any', '0')
  .option('--json', 'print one line of JSON with the address when ready')
  .parse();

const given = program.opts<{
  brokers: string;
  topic: string;
  group: string;
  credentials?: string;
  port: string;
  json?: boolean;
}>();
const receiver = await startKafkaReceiver({
  brokers: given.brokers.split(','),
  topic: given.topic,
  groupId: given.group,
  credentials: given.credentials
    ? (JSON.parse(readFileSync(given.credentials, 'utf8')) as { username: string; password: string })
    : undefined,
});
const server = stateServer(receiver.state);
await new Promise<void>((resolve) => server.listen(Number(given.port), '127.0.0.1', resolve));
const { port } = server.address() as AddressInfo;
announce({ kind: 'kafka', topic: given.topic, state: `http://127.0.0.1:${port}/state` }, given.json);
await untilStopped();
server.closeAllConnections();
server.close();
await receiver.close();
