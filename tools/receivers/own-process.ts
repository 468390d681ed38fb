/** Says on standard output that a process is ready, as one line of JSON or as words. */
export function announce(facts: Record<string, string>, asJson = false): void {
  const words = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
  process.stdout.write(`${asJson ? JSON.stringify(facts) : words.join(', ')}\n`);
}

/** Resolves when the process is asked to stop, or when the process that forked it has gone. */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
    process.once('disconnect', () => resolve());
  });
}
