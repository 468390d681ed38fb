import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ed25519PrivateKey, ed25519PublicBytes } from './ed25519.js';
import {
  INTERNAL_ISSUERS,
  KEY_PURPOSES,
  KEYS_OF_SERVICES,
  type InternalIssuer,
  type KeyedService,
  type KeyPurpose,
} from './key-purposes.js';
import { KEY_BYTES, KEY_FILE } from './key-ring.js';

const INTERNAL_PURPOSES: ReadonlySet<string> = new Set(
  INTERNAL_ISSUERS.map((issuer: InternalIssuer) => `internal-${issuer}`),
);

/**
 * Makes a new key for a purpose, readable by its owner only; with its public half under `‹purpose›.pub` where a service
 * is known by it.
 * @returns its id
 */
export function createKey(keysDir: string, purpose: KeyPurpose, now: Date): string {
  const id = `k${now.toISOString().replaceAll(/[-:.TZ]/g, '')}`;
  const bytes = randomBytes(KEY_BYTES);
  // The public half first: a service must not sign with what nobody can verify.
  if (INTERNAL_PURPOSES.has(purpose)) {
    writeKey(join(keysDir, `${purpose}.pub`), id, ed25519PublicBytes(ed25519PrivateKey(bytes)));
  }
  writeKey(join(keysDir, purpose), id, bytes);
  return id;
}

/** Makes a key for every purpose that has none. @returns the purposes that got one */
export function createMissingKeys(keysDir: string, now: Date): KeyPurpose[] {
  return KEY_PURPOSES.filter((purpose) => {
    if (namesIn(join(keysDir, purpose)).length > 0) return false;
    createKey(keysDir, purpose, now);
    return true;
  });
}

/**
 * Copies into a folder what one service may have, under flat names `‹purpose›.‹id›.key`; of the keys that it holds
 * already, those that are gone from the first folder are removed.
 * @param keysDir where all keys of a deployment are
 * @returns the names in the service's folder
 */
export function handOutKeys(keysDir: string, service: KeyedService, target: string): string[] {
  const given = KEYS_OF_SERVICES[service].flatMap((purpose) =>
    namesIn(join(keysDir, purpose)).map((name) => ({ from: join(keysDir, purpose, name), name: `${purpose}.${name}` })),
  );
  mkdirSync(target, { recursive: true, mode: 0o700 });
  for (const { from, name } of given) writeFileSync(join(target, name), readFileSync(from), { mode: 0o600 });
  const names = given.map(({ name }) => name);
  const gone = readdirSync(target).filter((name) => name.endsWith('.key') && !names.includes(name));
  for (const name of gone) rmSync(join(target, name));
  return names.sort();
}

function namesIn(folder: string): string[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return readdirSync(folder).filter((name) => KEY_FILE.test(name));
}

function writeKey(folder: string, id: string, bytes: Buffer): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, `${id}.key`), `${bytes.toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
}
