import { readdir, readFile } from 'node:fs/promises';
import type { LocalExchange } from '../local-exchange/local-exchange.js';
import { SERVICES } from '../local-exchange/start-services.js';

/** Linux counts processor time in hundredths of a second (proc(5), `sysconf(_SC_CLK_TCK)`). */
const MICROSECONDS_A_TICK = 10_000;

/** The fields of `/proc/‹pid›/stat` after the name, which may contain blanks: state is the first. */
async function statOf(pid: number | string): Promise<string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function ticksOf(stat: readonly string[]): number {
  // utime, stime, and those of children that ended.
  return [11, 12, 13, 14].reduce((sum, field) => sum + Number(stat[field] ?? 0), 0);
}

/** Processor time of a process and its children so far, in microseconds. */
async function processorTime(pid: number | undefined): Promise<number> {
  if (pid === undefined) return 0;
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(ids.map(async (id) => ({ id, stat: await statOf(id) })));
  const family = stats.filter(({ id, stat }) => id === String(pid) || stat[1] === String(pid));
  return family.reduce((sum, { stat }) => sum + ticksOf(stat), 0) * MICROSECONDS_A_TICK;
}

/**
 * Processor time of every part of a local exchange so far, in microseconds. Other work on the machine changes it far
 * less than it changes a rate.
 */
export async function processorTimes({ services, servers }: LocalExchange): Promise<Map<string, number>> {
  const parts: [string, number | undefined][] = [
    ...SERVICES.map((service): [string, number | undefined] => [service, services.pid(service)]),
    ['PostgreSQL', servers.postgres.pid],
    ['Kafka', servers.kafka.pid],
  ];
  return new Map(await Promise.all(parts.map(async ([name, pid]) => [name, await processorTime(pid)] as const)));
}
