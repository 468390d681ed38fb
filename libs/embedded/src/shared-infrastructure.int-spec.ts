import pg from 'pg';
import { createDatabase, sharedAddresses } from '#libs/testing';

describe('the infrastructure that specs share', () => {
  it('gives each spec a database of its own, cloned from a template where one is named', async () => {
    const template = await createDatabase('template');
    await inDatabase(template.url, (client) =>
      client.query('CREATE TABLE cloned (id int); INSERT INTO cloned VALUES (7)'),
    );
    const clone = await createDatabase('clone', { template: template.name });
    const other = await createDatabase('clone');
    try {
      const rows = await inDatabase(clone.url, (client) => client.query('SELECT id FROM cloned'));
      expect(rows.rows).toEqual([{ id: 7 }]);
      await expect(inDatabase(other.url, (client) => client.query('SELECT id FROM cloned'))).rejects.toThrow('cloned');
    } finally {
      await Promise.all([template, clone, other].map((database) => database.drop()));
    }
    await expect(inDatabase(clone.url, (client) => client.query('SELECT 1'))).rejects.toThrow('does not exist');
  });

  it('names a Kafka on the loopback address', async () => {
    const { kafka } = await sharedAddresses();
    expect(kafka.bootstrap).toMatch(/^127\.0\.0\.1:\d+$/);
  });
});

async function inDatabase<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
