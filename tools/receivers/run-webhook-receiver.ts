import { Command } from 'commander';
import { announce, readJsonFile, readWhole, sentenceOf, untilStopped } from './own-process.js';
import type { TrustedKeys } from './verify-webhook.js';
import { startWebhookReceiver } from './webhook-receiver.js';

const program = new Command('webhook-receiver')
  .description('Receives, verifies and keeps what Tocsin delivers by webhook, in memory.')
  .option('--port <number>', 'port to listen on, 0 for any', readWhole, 0)
  .option('--address <address>', 'address to listen on', '127.0.0.1')
  .option('--keys <file>', 'JSON file with publicKeys (whpk_…) and secrets (whsec_…)', readJsonFile)
  .option('--slow <ms>', 'wait so long before every answer', readWhole, 0)
  .option('--json', 'print one line of JSON with the addresses when ready')
  .parse();

const given = program.opts<{
  port: number;
  address: string;
  keys?: Partial<TrustedKeys>;
  slow: number;
  json?: boolean;
}>();
const receiver = await startWebhookReceiver({
  port: given.port,
  address: given.address,
  keys: given.keys,
  behaviour: { slowMs: given.slow },
}).catch((error: unknown) => program.error(`The receiver cannot listen: ${sentenceOf(error)}`));
announce({ kind: 'webhook', url: receiver.url, state: `http://127.0.0.1:${receiver.port}/state` }, given.json);
await untilStopped();
await receiver.close();
