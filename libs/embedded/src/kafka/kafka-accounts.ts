import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { alterUserScramCredentialsV0, type Connection } from '@platformatic/kafka';
import type { KafkaAccount } from './kafka-settings.js';

const derive = promisify(pbkdf2);

/** Kafka's number for SCRAM-SHA-512 in its protocol (KIP-554). */
const SCRAM_SHA_512 = 2;
const ITERATIONS = 4096;

/** What the broker keeps of a password: RFC 5802, section 3, SaltedPassword, with SHA-512. */
export interface SaltedPassword {
  salt: Buffer;
  saltedPassword: Buffer;
  iterations: number;
}

/** Salts a password with a fresh salt. */
export async function saltPassword(password: string): Promise<SaltedPassword> {
  const salt = randomBytes(32);
  const saltedPassword = await derive(password.normalize('NFKC'), salt, ITERATIONS, 64, 'sha512');
  return { salt, saltedPassword, iterations: ITERATIONS };
}

/** Renders one value of `--add-scram` (kafka.tools.StorageTool, KIP-900). */
export function renderScram(name: string, { salt, saltedPassword, iterations }: SaltedPassword): string {
  const values = [
    `name="${name}"`,
    `iterations=${iterations}`,
    `salt="${salt.toString('base64')}"`,
    `saltedpassword="${saltedPassword.toString('base64')}"`,
  ];
  return `SCRAM-SHA-512=[${values.join(',')}]`;
}

/**
 * Makes the accounts, or gives existing ones their present password.
 * @throws the client's error when the broker refuses.
 */
export async function writeKafkaAccounts(connection: Connection, accounts: readonly KafkaAccount[]): Promise<void> {
  if (accounts.length === 0) return;
  const upserts = await Promise.all(
    accounts.map(async ({ name, password }) => ({ name, mechanism: SCRAM_SHA_512, ...(await saltPassword(password)) })),
  );
  await alterUserScramCredentialsV0.api.async(connection, [], upserts);
}
