import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { Command, Option } from 'commander';
import { join } from 'node:path';
import { repositoryRoot, stopOnTermination } from '#libs/embedded';
import { cacheDir, say } from '../local-exchange/command-line.js';
import { LocalExchange, type LocalExchangeOptions } from '../local-exchange/local-exchange.js';
import { allowBulk } from './bench-exchange.js';
import { BulkBench } from './bulk.js';
import { measureFormats } from './formats.js';
import { table, type Figure } from './measure.js';
import { OneAdvisoryBench } from './one-advisory.js';

const BENCHES = ['formats', 'startup', 'idle', 'bulk', 'emergency'] as const;
type Bench = (typeof BENCHES)[number];

const flags = new Command('bench')
  .description('Measures the whole exchange on this machine, as ratios to ceilings taken in the same run.')
  .option('--json <file>', 'write the figures here too')
  .addOption(new Option('--only <name...>', 'only these').choices(BENCHES))
  .option('--lines <number>', 'lines of the bulk bench', '1000000')
  .option('--samples <number>', 'advisories of the latency benches', '500')
  .parse()
  .opts<{ json?: string; only?: Bench[]; lines: string; samples: string }>();
const wanted = (bench: Bench): boolean => !flags.only || flags.only.includes(bench);
const samples = Number(flags.samples);
const lines = Number(flags.lines);

const options: LocalExchangeOptions = {
  dir: join(repositoryRoot(), 'var', 'bench'),
  cacheDir: cacheDir(),
  portBase: 'free',
  receivers: false,
  say,
  onUnexpectedEnd: (what) => say(`${what} ended unexpectedly.`),
};

/** What a cold start-up is: data from nothing, programs as they are. */
const COLD =
  'new PostgreSQL and Kafka, migrations, keys, organisations, to all services ready; without installing, building, downloads and receivers';

async function startUp(): Promise<{ exchange: LocalExchange; figures: Figure[] }> {
  const started = performance.now();
  const cold = await LocalExchange.start({ ...options, reset: true });
  const coldSeconds = (performance.now() - started) / 1000;
  if (!wanted('startup')) return { exchange: cold, figures: [] };
  await cold.stop();
  const again = performance.now();
  const exchange = await LocalExchange.start(options);
  const warmSeconds = (performance.now() - again) / 1000;
  return {
    exchange,
    figures: [
      { bench: 'startup', figure: `cold: ${COLD}`, value: coldSeconds, unit: 's' },
      { bench: 'startup', figure: 'warm: the same data again, to all services ready', value: warmSeconds, unit: 's' },
    ],
  };
}

async function measure(exchange: LocalExchange, figures: Figure[]): Promise<void> {
  await allowBulk(exchange);
  const one = await OneAdvisoryBench.open(exchange);
  const bulk = new BulkBench(exchange, say);
  try {
    let idle = { p50: Number.NaN, p99: Number.NaN };
    if (wanted('idle') || wanted('emergency')) {
      say(`one advisory: ${samples} times with nothing else running`);
      const measured = await one.idle(samples);
      idle = measured;
      figures.push(...measured.figures);
    }
    if (wanted('bulk')) figures.push(...(await bulk.run(lines)));
    if (wanted('emergency')) {
      say(`one advisory: ${samples} times on the emergency lane while lists of ${lines} lines go through`);
      const load = await bulk.keepGoing(lines);
      figures.push(...(await one.underLoad(samples, idle, load.isGoing)));
      say(`  lists that went through meanwhile: ${await load.stop()}`);
    }
  } finally {
    await one.close();
    await bulk.close();
  }
}

try {
  const ofFormats = wanted('formats') ? measureFormats(say) : [];
  if (flags.only?.every((bench) => bench === 'formats')) {
    process.stdout.write(`${table(ofFormats)}\n`);
    process.exit(0);
  }
  const { exchange, figures } = await startUp();
  figures.unshift(...ofFormats);
  stopOnTermination(() => exchange.stop());
  await measure(exchange, figures).finally(() => exchange.stop());
  process.stdout.write(`${table(figures)}\n`);
  if (flags.json) {
    const run = {
      at: new Date().toISOString(),
      node: process.version,
      cpus: cpus().length,
      cpu: cpus()[0]?.model,
      lines,
      samples,
      figures,
    };
    await writeFile(flags.json, `${JSON.stringify(run, null, 2)}\n`);
  }
  process.exit(0);
} catch (thrown) {
  say(thrown instanceof Error ? (thrown.stack ?? thrown.message) : 'The bench did not run.');
  process.exit(1);
}
