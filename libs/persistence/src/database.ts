import { DataSource } from 'typeorm';
import { DIRECTORY_ENTITIES } from './directory/entities.js';
import { MIGRATIONS } from './migrations/index.js';

export interface DatabaseSettings {
  /** postgres:// address with user and password. */
  url: string;
  /** Most connections of this process. */
  connections: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** Longest time of one statement; none by default. */
  statementTimeoutMs?: number;
  /** For work that is simply done again when the server dies with it: a commit does not wait for the disk. */
  lazyCommits?: boolean;
}

/** A TypeORM data source over the directory entities; hot paths use plain SQL through the same connections. */
export function openDatabase(settings: DatabaseSettings): DataSource {
  return new DataSource({
    type: 'postgres',
    url: settings.url,
    poolSize: settings.connections,
    applicationName: settings.applicationName,
    entities: DIRECTORY_ENTITIES,
    migrations: MIGRATIONS,
    migrationsTableName: 'tocsin_migration',
    migrationsTransactionMode: 'each',
    synchronize: false,
    logging: false,
    extra: {
      connectionTimeoutMillis: 5000,
      keepAlive: true,
      idleTimeoutMillis: 60_000,
      statement_timeout: settings.statementTimeoutMs ?? false,
      ...(settings.lazyCommits && { options: '-c synchronous_commit=off' }),
    },
  });
}

/**
 * Brings the schema up to date; safe to call at every start and from several processes at once.
 * @returns names of the migrations that ran
 */
export async function migrate(url: string): Promise<string[]> {
  const database = openDatabase({ url, connections: 2, applicationName: 'tocsin-migrate' });
  await database.initialize();
  const lock = database.createQueryRunner();
  try {
    await lock.query(`SELECT pg_advisory_lock(hashtext('tocsin-migrate'))`);
    const ran = await database.runMigrations();
    return ran.map((migration) => migration.name);
  } finally {
    await lock.query(`SELECT pg_advisory_unlock(hashtext('tocsin-migrate'))`).catch(() => undefined);
    await lock.release();
    await database.destroy();
  }
}
