import { renderPostgresAccess, renderPostgresSettings } from './postgres-settings.js';

describe('the settings of PostgreSQL', () => {
  it('flush every commit by default wishes and none in tests', () => {
    const full = renderPostgresSettings({ port: 5432, durability: 'full' });
    expect(full).toContain('\nfsync = on\n');
    expect(full).toContain('\nsynchronous_commit = on\n');
    const test = renderPostgresSettings({ port: 5432, durability: 'test' });
    expect(test).toContain('\nfsync = off\n');
    expect(test).toContain('\nfull_page_writes = off\n');
  });

  it('listen on the loopback address alone, on the port that was asked for', () => {
    const text = renderPostgresSettings({ port: 25432, durability: 'full' });
    expect(text).toContain("listen_addresses = '127.0.0.1'\n");
    expect(text).toContain("unix_socket_directories = ''\n");
    expect(text).toContain('port = 25432\n');
  });

  it('let a caller replace one, quoting what it says', () => {
    const overrides = { shared_buffers: '1GB', log_line_prefix: "it's %p", jit: true, max_connections: 20 };
    const lines = renderPostgresSettings({ port: 1, durability: 'full', overrides }).split('\n');
    expect(lines).toEqual(expect.arrayContaining(["shared_buffers = '1GB'", 'jit = on', 'max_connections = 20']));
    expect(lines).toContain("log_line_prefix = 'it''s %p'");
    expect(lines.filter((line) => line.startsWith('shared_buffers'))).toHaveLength(1);
  });

  it('admit nobody without a password', () => {
    expect(renderPostgresAccess().trim().split('\n')).toEqual(['host all all 127.0.0.1/32 scram-sha-256']);
  });
});
