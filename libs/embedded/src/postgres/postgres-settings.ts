/** `full` keeps every committed transaction through a power cut; `test` does not flush to disk and survives only a killed process. */
export type Durability = 'full' | 'test';

/** What decides the settings of the server. */
export interface PostgresSettings {
  port: number;
  durability: Durability;
  /** Settings by their PostgreSQL names that replace or add to the ones below. */
  overrides?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * The text of `postgresql.conf`. The server listens on 127.0.0.1 alone and opens no Unix socket, whose path would be
 * limited to about a hundred bytes.
 * @see PostgreSQL 18 documentation, chapter 19, "Server Configuration"
 */
export function renderPostgresSettings({ port, durability, overrides = {} }: PostgresSettings): string {
  const flush = durability === 'full';
  const settings: Record<string, string | number | boolean> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    password_encryption: 'scram-sha-256',
    shared_buffers: '512MB',
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: 0.9,
    synchronous_commit: flush,
    fsync: flush,
    full_page_writes: flush,
    random_page_cost: 1.1,
    // Compiling expressions costs more than it saves in statements of a few milliseconds.
    jit: false,
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %u@%d ',
    log_checkpoints: false,
    ...overrides,
  };
  return `${Object.entries(settings)
    .map(([name, value]) => `${name} = ${renderValue(value)}`)
    .join('\n')}\n`;
}

/** The text of `pg_hba.conf`: a password exchange (RFC 7677) over the loopback address, and no other way in. */
export function renderPostgresAccess(): string {
  return 'host all all 127.0.0.1/32 scram-sha-256\n';
}

function renderValue(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (typeof value === 'number') return String(value);
  return `'${value.replaceAll("'", "''")}'`;
}
