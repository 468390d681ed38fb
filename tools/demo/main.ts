import { stopOnTermination } from '#libs/embedded';
import { exchangeCommand, exchangeOptions, say, type ExchangeFlags } from '../local-exchange/command-line.js';
import { LocalExchange } from '../local-exchange/local-exchange.js';
import { Story } from './story.js';

const flags = exchangeCommand('demo', 'Starts a whole exchange on this machine and lives through a few advisories.')
  .option('--exit', 'end after the story, with status 0 only if everything arrived where it should, and nowhere else')
  .parse()
  .opts<ExchangeFlags & { exit?: boolean }>();

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printAddresses(exchange: LocalExchange): void {
  print('\nThe exchange stays up; Ctrl-C stops everything. To look at:');
  print(`    agencies submit to      ${exchange.url('intake')}/openapi.json`);
  print(`    operators and admins    ${exchange.url('console')}/openapi.json`);
  print(`    platforms fetch from    ${exchange.url('platform-api')}/openapi.json`);
  for (const [service, address] of Object.entries(exchange.describe().health as Record<string, string>)) {
    print(`    ${`figures of ${service}`.padEnd(24)}${address}/metrics`);
  }
  for (const { platform, state } of exchange.receivers) print(`    ${platform.padEnd(24)}${state}/table`);
  print(`    keys of everybody       ${flags.dir}/state.json`);
}

const started = Date.now();
try {
  const exchange = await LocalExchange.start(exchangeOptions(flags));
  stopOnTermination(() => {
    say('Stopping…');
    return exchange.stop();
  });
  say(`Everything is up after ${((Date.now() - started) / 1000).toFixed(1)} s.`);
  const complete = await new Story(exchange, print).tell();
  print(
    complete
      ? '\nEverything arrived where it should, and nowhere else.'
      : '\nSomething did not go as it should: see the lines marked ✗.',
  );
  if (flags.exit) {
    await exchange.stop();
    process.exit(complete ? 0 : 1);
  }
  printAddresses(exchange);
} catch (thrown) {
  say(thrown instanceof Error ? thrown.message : 'The demonstration did not start.');
  process.exit(1);
}
