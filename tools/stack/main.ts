import { writeFile } from 'node:fs/promises';
import { stopOnTermination } from '#libs/embedded';
import { exchangeCommand, exchangeOptions, say, type ExchangeFlags } from '../local-exchange/command-line.js';
import { LocalExchange } from '../local-exchange/local-exchange.js';

const flags = exchangeCommand('stack', 'Starts the whole exchange without a story, for outside tools.')
  .option('--json <file>', 'write addresses and the demonstration’s credentials here (readable by its owner only)')
  .option('--no-receivers', 'leave the demonstration’s platforms out')
  .parse()
  .opts<ExchangeFlags & { json?: string; receivers: boolean }>();

try {
  const exchange = await LocalExchange.start({ ...exchangeOptions(flags), receivers: flags.receivers });
  stopOnTermination(() => {
    say('Stopping…');
    return exchange.stop();
  });
  const description = `${JSON.stringify(exchange.describe(), null, 2)}\n`;
  if (flags.json) {
    await writeFile(flags.json, description, { mode: 0o600 });
    say(`Ready. Addresses and credentials are in ${flags.json}; Ctrl-C stops everything.`);
  } else process.stdout.write(description);
} catch (thrown) {
  say(thrown instanceof Error ? thrown.message : 'The exchange did not start.');
  process.exit(1);
}
