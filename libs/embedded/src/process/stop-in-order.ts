/** Anything that can be stopped; `stop` bounds its own time. */
export interface Stoppable {
  stop(): Promise<unknown>;
}

/**
 * Stops one after the other, each waited for; a failing one does not keep the next from being stopped.
 * @throws an AggregateError of every failure, after all were tried.
 */
export async function stopInOrder(parts: readonly Stoppable[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) {
    await part.stop().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) throw new AggregateError(failures, 'Some child processes could not be stopped');
}

/**
 * Runs `stop` once when the process is asked to end: Ctrl-C (SIGINT), SIGTERM or a closed terminal (SIGHUP), and then exits with
 * 128 + the signal's number. A second request exits at once, and the watchdogs of the children finish the work.
 * @returns a function that takes the handlers away again.
 */
export function stopOnTermination(stop: (signal: NodeJS.Signals) => Promise<unknown>): () => void {
  const numbers = new Map<NodeJS.Signals, number>([
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ]);
  let stopping = false;
  const handle = (signal: NodeJS.Signals): void => {
    const exit = (): never => process.exit(128 + (numbers.get(signal) ?? 0));
    if (stopping) exit();
    stopping = true;
    void stop(signal).then(exit, exit);
  };
  for (const signal of numbers.keys()) process.on(signal, handle);
  return () => {
    for (const signal of numbers.keys()) process.off(signal, handle);
  };
}
