import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { makeApiKey } from '#libs/access';
import { ApiKey, changeState, Organisation, Person } from '#libs/persistence';
import { loadDefaultLists } from '../keep-protected-lists/default-lists.js';
import { dropFile, writePrivateFile } from './private-file.js';
import type { OrganisationRow, PersonRow, ApiKeyRow } from '../plain.js';

const ACTOR = 'service:open-exchange';

/** The operators' organisation as it begins. */
export interface OperatorsGiven {
  organisation: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** Names of the first operators; two at least, because one alone can decide nothing that two have to. */
  people: readonly string[];
}

/** What opening did. */
export type Opening = { opened: true; operators: number; lists: string[] } | { opened: false };

/** An operator with a key, as written to the file. */
interface WrittenOperator {
  name: string;
  person_id: string;
  key_id: string;
  key: string;
}

/**
 * Fills an empty directory: the operators' organisation, its people with a key each, the default protected lists. The
 * keys go to a private file before the transaction commits, so that no operator exists whose key nobody has. A
 * directory that has operators is left as it is.
 */
export async function openExchange(database: DataSource, given: OperatorsGiven, file: string): Promise<Opening> {
  return withKeysFile(file, (write) =>
    changeState<Opening>(database, 'directory', async (manager) => {
      await lock(manager);
      if (await manager.existsBy(Organisation, { kind: 'operator' }))
        return { result: { opened: false }, audit: undefined };
      const organisation: OrganisationRow = {
        id: uuid(),
        kind: 'operator',
        name: given.organisation,
        country: given.country,
        platformKind: null,
        state: 'active',
        desks: [],
        defaults: {},
        defaultChannels: [],
        listPermissions: [],
        licences: [],
        corporateGroup: null,
        signalsADay: null,
        reviewOneIn: 0,
        standing: 'match-only',
        receivesCsea: false,
        noticesTo: null,
      };
      await manager.insert(Organisation, organisation);
      const operators: WrittenOperator[] = [];
      for (const name of given.people) operators.push(await admitOperator(manager, organisation.id, name));
      const lists = await loadDefaultLists(manager);
      await write({ organisation_id: organisation.id, operators });
      const detail = { operators: operators.map(({ person_id }) => person_id), lists };
      const audit = { actor: ACTOR, action: 'open-exchange', subject: `organisation/${organisation.id}`, detail };
      return { result: { opened: true, operators: operators.length, lists }, audit };
    }),
  );
}

/** Admits one more operator to an exchange that is open. @throws Error with one sentence when it is not */
export async function addOperator(database: DataSource, name: string, reason: string, file: string): Promise<void> {
  await withKeysFile(file, (write) =>
    changeState(database, 'directory', async (manager) => {
      await lock(manager);
      const organisation = await manager.findOneBy(Organisation, { kind: 'operator' });
      if (!organisation) throw new Error('There are no operators yet: open the exchange first.');
      const operator = await admitOperator(manager, organisation.id, name);
      await write({ organisation_id: organisation.id, operators: [operator] });
      const audit = { actor: ACTOR, action: 'admit-operator', subject: `person/${operator.person_id}`, reason };
      return { result: undefined, audit };
    }),
  );
}

async function admitOperator(manager: EntityManager, organisationId: string, name: string): Promise<WrittenOperator> {
  const person: PersonRow = { id: uuid(), organisationId, name, roles: ['operator'], state: 'active' };
  const { id, key, secretHash } = makeApiKey();
  await manager.insert(Person, person);
  const row: ApiKeyRow = {
    id,
    personId: person.id,
    secretHash,
    createdAt: new Date(),
    expiresAt: null,
    revokedAt: null,
  };
  await manager.insert(ApiKey, row);
  return { name, person_id: person.id, key_id: id, key };
}

/** Two openings at a time come one after the other; the second finds what the first made. */
async function lock(manager: EntityManager): Promise<void> {
  await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('open-exchange', 0))`);
}

/** A file that was written for a transaction which then failed holds keys of nobody, and is removed. */
async function withKeysFile<Result>(
  file: string,
  work: (write: (content: object) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const written: string[] = [];
  try {
    return await work(async (content) => {
      await writePrivateFile(file, content);
      written.push(file);
    });
  } catch (thrown) {
    await Promise.all(written.map(dropFile));
    throw thrown;
  }
}
