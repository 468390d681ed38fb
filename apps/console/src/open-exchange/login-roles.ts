import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import { replacePrivateFile } from './private-file.js';

/** Apps that have a role of their own in the database. */
export const APPS_WITH_ROLES = ['console', 'intake', 'normaliser', 'relay', 'delivery', 'platform-api'] as const;
/** One of {@link APPS_WITH_ROLES}. */
export type AppWithRole = (typeof APPS_WITH_ROLES)[number];

/** The group role of an app. */
function groupOf(app: AppWithRole): string {
  return `tocsin_${app.replace('-', '_')}`;
}

/** How an app logs in. */
export interface LoginRole {
  username: string;
  password: string;
  /** postgres:// address with both. */
  url: string;
}

const PASSWORD_BYTES = 24;

/**
 * Makes a login role for each app, member of the app's group role, with a password of its own, and writes them to a
 * private file. Roles that are in the file already keep their passwords; their addresses follow the owner's. For
 * demonstrations and tests; a deployment makes its login roles by its own means.
 * @param suffix of the names of the roles, which belong to the whole cluster
 */
export async function makeLoginRoles(
  database: DataSource,
  ownerUrl: string,
  file: string,
  suffix = 'login',
): Promise<Record<AppWithRole, LoginRole>> {
  const kept = await readRoles(file);
  const role = (app: AppWithRole): LoginRole => {
    const username = kept?.[app].username ?? `${groupOf(app)}_${suffix}`;
    const password = kept?.[app].password ?? randomBytes(PASSWORD_BYTES).toString('base64url');
    const url = new URL(ownerUrl);
    url.username = username;
    url.password = password;
    return { username, password, url: url.href };
  };
  const roles = {
    console: role('console'),
    intake: role('intake'),
    normaliser: role('normaliser'),
    relay: role('relay'),
    delivery: role('delivery'),
    'platform-api': role('platform-api'),
  };
  for (const app of APPS_WITH_ROLES) await ensureRole(database, groupOf(app), roles[app]);
  await replacePrivateFile(file, { roles });
  return roles;
}

async function ensureRole(database: DataSource, group: string, { username, password }: LoginRole): Promise<void> {
  const [present] = await database.query<object[]>('SELECT FROM pg_roles WHERE rolname = $1', [username]);
  const template = present ? 'ALTER ROLE %1$I LOGIN PASSWORD %2$L' : 'CREATE ROLE %1$I LOGIN PASSWORD %2$L';
  for (const [sql, ...values] of [
    [template, username, password],
    ['GRANT %1$I TO %2$I', group, username],
  ]) {
    const [statement] = await database.query<{ text: string }[]>('SELECT format($1, $2::text, $3::text) AS text', [
      sql,
      ...values,
    ]);
    if (statement) await database.query(statement.text);
  }
}

/** Roles of an earlier run; undefined when there is no file. @throws Error with one sentence when it is something else */
async function readRoles(file: string): Promise<Record<AppWithRole, LoginRole> | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const content: unknown = JSON.parse(text);
  const roles: unknown =
    typeof content === 'object' && content !== null && 'roles' in content ? content.roles : undefined;
  if (!isRoles(roles)) throw new Error(`${file} does not hold login roles: name another file.`);
  return roles;
}

function isRoles(roles: unknown): roles is Record<AppWithRole, LoginRole> {
  if (typeof roles !== 'object' || roles === null) return false;
  const fields: Record<string, unknown> = { ...roles };
  return APPS_WITH_ROLES.every((app) => {
    const role = fields[app];
    return typeof role === 'object' && role !== null && 'username' in role && 'password' in role && 'url' in role;
  });
}
