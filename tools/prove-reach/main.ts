import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { repositoryRoot, stopOnTermination } from '#libs/embedded';
import { cacheDir, say } from '../local-exchange/command-line.js';
import { LocalExchange } from '../local-exchange/local-exchange.js';
import { ReachRun, type RunReport, type ToldOfRetraction } from './reach-run.js';

const flags = new Command('prove-reach')
  .description(
    'Sends rows to every kind of platform, retracts half of them while two platforms are offline and one has left, and reads the proof of reach.',
  )
  .option('--rows <number>', 'rows in all', '10000')
  .option('--retracted <number>', 'rows of them that are retracted; otherwise half')
  .option('--undo', 'two operators undo the submitter instead of a retraction by the officer')
  .option('--without <platform>', 'leave one out, as “Slowpoke Pictures”, which takes 1.5 s for each request')
  .option('--json <file>', 'write the report here too')
  .parse()
  .opts<{ rows: string; retracted?: string; undo?: true; without?: string; json?: string }>();

/** The report as a table for a person. */
function tableOf({ platforms }: RunReport): string {
  const rows = platforms.map((one) => [
    ...[one.name, one.path, one.was, String(one.received), one.rows_after.toFixed(1)],
    ...[String(one.withdrawn), one.withdrawals_after.toFixed(1), String(one.live), String(one.confirmed)],
  ]);
  const all = [
    ['platform', 'path', 'was', 'received', 'after s', 'withdrawn', 'after s', 'live', 'confirmed'],
    ...rows,
  ];
  const width = (column: number): number => Math.max(...all.map((row) => row[column]?.length ?? 0));
  return all.map((row) => `| ${row.map((cell, column) => cell.padEnd(width(column))).join(' | ')} |`).join('\n');
}

/** What is told of the retraction as a whole. */
function proofLines({ retraction: { agency, operator } }: RunReport): string[] {
  const others = agency.followed_by_operators?.platforms ?? 0;
  const words = (operator.outcomes ?? []).map(
    ({ outcome, platforms, rows }) => `${platforms} ${outcome} (${rows} rows)`,
  );
  const counts = (proof: ToldOfRetraction): string =>
    `${proof.told} of ${proof.had} told, ${proof.confirmed} of ${proof.had} confirmed, ${proof.open} open`;
  return [
    `the agency is told: ${counts(agency)}; ${others} more are followed by operators`,
    `operators are told: ${counts(operator)}; ${words.join(', ')}`,
  ];
}

/** Whether everybody received all and gave back the half, and it is proved of the retraction and of every row looked at. */
function isClosed({ platforms, reach, retraction: { operator }, retracted }: RunReport): boolean {
  const everybody = platforms.every(
    (one) =>
      one.received === one.should_receive &&
      one.withdrawn === one.should_withdraw &&
      one.confirmed === one.should_withdraw,
  );
  const whole = operator.had > 0 && operator.confirmed === operator.had && operator.rows === retracted;
  return everybody && whole && reach.length > 0 && reach.every((row) => row.confirmed === row.told);
}

try {
  const exchange = await LocalExchange.start({
    dir: join(repositoryRoot(), 'var', 'prove-reach'),
    cacheDir: cacheDir(),
    portBase: 'free',
    reset: true,
    say,
    onUnexpectedEnd: (what) => say(`${what} ended unexpectedly.`),
  });
  stopOnTermination(() => exchange.stop());
  const rows = Number(flags.rows);
  const run = await ReachRun.open(exchange, say, flags.without);
  const retracted = Number(flags.retracted ?? Math.floor(rows / 2));
  const report = await run.run(rows, retracted, flags.undo ? 'undo' : 'retraction').finally(() => exchange.stop());
  process.stdout.write(`${tableOf(report)}\n`);
  for (const [what, seconds] of Object.entries(report.seconds))
    process.stdout.write(`${what}: ${seconds.toFixed(1)} s\n`);
  for (const line of proofLines(report)) process.stdout.write(`${line}\n`);
  if (flags.json) await writeFile(flags.json, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(isClosed(report) ? 'The proof of reach is closed.\n' : 'The proof of reach is NOT closed.\n');
  process.exit(isClosed(report) ? 0 : 1);
} catch (thrown) {
  say(thrown instanceof Error ? (thrown.stack ?? thrown.message) : 'The run did not come to its end.');
  process.exit(1);
}
