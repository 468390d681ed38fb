import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { announce, untilStopped } from './own-process.js';
import type { TrustedKeys } from './verify-webhook.js';
import { startWebhookReceiver } from './webhook-receiver.js';

const program = new Command('webhook-receiver')
  .description('Receives, verifies and keeps what Tocsin delivers by webhook, in memory.')
  .option('--port <number>', 'port to listen on, 0 for any', '0')
  .option('--address <address>', 'address to listen on', '127.0.0.1')
  .option('--keys <file>', 'JSON file with publicKeys (whpk_…) and secrets (whsec_…)')
  .option('--slow <ms>', 'wait so long before every answer', '0')
  .option('--json', 'print one line of JSON with the address when ready')
  .parse();

const given = program.opts<{ port: string; address: string; keys?: string; slow: string; json?: boolean }>();
const receiver = await startWebhookReceiver({
  port: Number(given.port),
  address: given.address,
  keys: given.keys ? (JSON.parse(readFileSync(given.keys, 'utf8')) as Partial<TrustedKeys>) : undefined,
  behaviour: { slowMs: Number(given.slow) },
});
announce({ kind: 'webhook', url: receiver.url, state: `http://127.0.0.1:${receiver.port}/state` }, given.json);
await untilStopped();
await receiver.close();
