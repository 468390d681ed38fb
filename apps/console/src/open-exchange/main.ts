import { parseArgs } from 'node:util';
import { migrate, openDatabase } from '#libs/persistence';
import { ConfigError, loadConfig } from '#libs/runtime';
import { OpenExchangeConfig } from './config.js';
import { makeLoginRoles } from './login-roles.js';
import { addOperator, openExchange } from './open-exchange.js';

const USAGE = `Opens an exchange: migrations, the first two operators with a key each, the default protected lists.
Needs TOCSIN_OWNER_DATABASE_URL, the address of the owner of the database. Run again, it brings the schema up to date
and changes nothing else.

  --operators-file FILE      where the operators' keys go (a new file, readable by its owner only); needed
  --operator NAME            name of an operator, twice or more (default operator-1 and operator-2)
  --organisation NAME        name of the operators' organisation (default Operators)
  --country CC               its country (default ZZ, none)
  --login-roles-file FILE    makes a login role for each app as well, for demonstrations; the file keeps the passwords
  --add-operator NAME        admits one more operator to an open exchange, with --reason
  --reason WORDS
`;

function say(sentence: string): void {
  process.stdout.write(`${sentence}\n`);
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      'operators-file': { type: 'string' },
      operator: { type: 'string', multiple: true },
      organisation: { type: 'string' },
      country: { type: 'string' },
      'login-roles-file': { type: 'string' },
      'add-operator': { type: 'string' },
      reason: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return say(USAGE);
  const file = values['operators-file'];
  const people = values.operator ?? ['operator-1', 'operator-2'];
  const country = values.country ?? 'ZZ';
  if (!file) throw new Error('--operators-file is missing; --help tells more.');
  if (new Set(people).size < 2) throw new Error('An exchange has two operators at least: name --operator twice.');
  if (!/^[A-Z]{2}$/.test(country)) throw new Error('--country takes two capital letters.');
  if (values['add-operator'] !== undefined && !values.reason) throw new Error('--add-operator needs a --reason.');

  const url = loadConfig(OpenExchangeConfig).ownerDatabaseUrl.reveal();
  const ran = await migrate(url);
  say(ran.length > 0 ? `Migrations run: ${ran.join(', ')}.` : 'The schema is up to date.');
  const database = openDatabase({ url, connections: 2, applicationName: 'tocsin-open-exchange' });
  await database.initialize();
  try {
    const rolesFile = values['login-roles-file'];
    if (rolesFile) {
      await makeLoginRoles(database, url, rolesFile);
      say(`Each app has a login role; the passwords are in ${rolesFile}.`);
    }
    if (values['add-operator'] !== undefined) {
      await addOperator(database, values['add-operator'], values.reason ?? '', file);
      return say(`The operator is admitted; the key is in ${file}.`);
    }
    const given = { organisation: values.organisation ?? 'Operators', country, people };
    const opening = await openExchange(database, given, file);
    if (!opening.opened) return say('The exchange is open already; nothing was changed.');
    say(`The exchange is open, with ${opening.operators} operators; their keys are in ${file}.`);
    say(`Protected lists loaded: ${opening.lists.join(', ')}.`);
  } finally {
    await database.destroy();
  }
}

try {
  await run();
} catch (thrown) {
  process.stderr.write(`open-exchange: ${thrown instanceof Error ? thrown.message : 'it failed'}\n`);
  process.exitCode = thrown instanceof ConfigError ? 78 : 1;
}
