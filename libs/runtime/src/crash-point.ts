/**
 * Ends the process as `kill -9` would, at a named point, for tests of what survives it. Does nothing unless the
 * environment is a test and names this point.
 */
export function crashPoint(name: string): void {
  if (process.env.TOCSIN_ENVIRONMENT === 'test' && process.env.TOCSIN_CRASH_AT === name)
    process.kill(process.pid, 'SIGKILL');
}
