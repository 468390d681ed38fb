import { randomUUID } from 'node:crypto';
import { createDatabase } from '#libs/testing';
import { migrate, openDatabase } from '../database.js';

describe('the migration to admissions', () => {
  it('leaves whoever was there what it had, due at once, and begins with the least for whoever comes', async () => {
    const { url, drop } = await createDatabase('admissions');
    await migrate(url);
    const database = await openDatabase({ url, connections: 2, applicationName: 'admissions' }).initialize();
    try {
      // Back to before, and up again with somebody there.
      for (;;) {
        const [last] = await database.query<{ name: string }[]>(
          'SELECT name FROM tocsin_migration ORDER BY timestamp DESC LIMIT 1',
        );
        await database.undoLastMigration();
        if (last?.name === 'AttemptsAndAdmissions1700000000026') break;
      }
      const add = async (kind: string, state = 'active'): Promise<string> => {
        const id = randomUUID();
        await database.query(
          `INSERT INTO directory.organisation (id, kind, name, country, platform_kind, state) VALUES ($1, $2, $3, 'NO', $4, $5)`,
          [id, kind, id, kind === 'platform' ? 'video' : null, state],
        );
        return id;
      };
      const [platform, agency, left] = [await add('platform'), await add('agency'), await add('platform', 'left')];
      await migrate(url);
      const [given] = await database.query<object[]>(
        'SELECT standing, receives_csea FROM directory.organisation WHERE id = $1',
        [platform],
      );
      expect(given).toEqual({ standing: 'full', receives_csea: true });
      const admissions = await database.query<{ id: string; basis: string; due: boolean }[]>(
        'SELECT organisation_id AS id, basis, review_on <= current_date AS due FROM directory.admission',
      );
      const expected = [platform, agency].map((id) => ({ id, basis: 'before-admissions', due: true }));
      expect(admissions).toHaveLength(2);
      expect(admissions).toEqual(expect.arrayContaining(expected));
      expect(admissions.map(({ id }) => id)).not.toContain(left);
      const fresh = await add('platform');
      const [least] = await database.query<object[]>(
        'SELECT standing, receives_csea FROM directory.organisation WHERE id = $1',
        [fresh],
      );
      expect(least).toEqual({ standing: 'match-only', receives_csea: false });
    } finally {
      await database.destroy();
      await drop();
    }
  });
});
