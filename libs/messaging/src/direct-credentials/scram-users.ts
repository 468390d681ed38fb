import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import {
  alterUserScramCredentialsV0,
  Connection,
  describeUserScramCredentialsV0,
  findErrorBy,
} from '@platformatic/kafka';
import { fault, transient } from '#libs/domain';
import type { KafkaConnection } from '../kafka-client.js';
import { connectionOptions } from '../platformatic/connection-options.js';

const derive = promisify(pbkdf2);

/** Numbers of SCRAM-SHA-512 and of two errors in Kafka's protocol (KIP-554). */
const SCRAM_SHA_512 = 2;
const RESOURCE_NOT_FOUND = 91;
const CLUSTER_AUTHORIZATION_FAILED = 31;

/** Of RFC 5802's Hi(); Kafka takes 4,096 to 16,384. Passwords here are random, so more would only slow down logins. */
const ITERATIONS = 8_192;
const SALT_BYTES = 32;
const SALTED_BYTES = 64;

/** SCRAM-SHA-512 users kept by the brokers. kafkajs has no calls for them, so this part speaks through another client. */
export class ScramUsers {
  constructor(private readonly connection: KafkaConnection) {}

  async upsert(name: string, password: string): Promise<void> {
    const salt = randomBytes(SALT_BYTES);
    const saltedPassword = await derive(password, salt, ITERATIONS, SALTED_BYTES, 'sha512');
    const upsertion = { name, mechanism: SCRAM_SHA_512, iterations: ITERATIONS, salt, saltedPassword };
    await this.ask((broker) => alterUserScramCredentialsV0.api.async(broker, [], [upsertion]));
  }

  /** Does nothing when there is no such user. */
  async delete(name: string): Promise<void> {
    await this.ask(async (broker) => {
      try {
        await alterUserScramCredentialsV0.api.async(broker, [{ name, mechanism: SCRAM_SHA_512 }], []);
      } catch (error) {
        if (!hasCode(error, RESOURCE_NOT_FOUND)) throw error;
      }
    });
  }

  async list(): Promise<string[]> {
    const { results } = await this.ask((broker) => describeUserScramCredentialsV0.api.async(broker, null));
    return results.map(({ user }) => user).sort();
  }

  /** Asks the first of the known brokers that answers; any of them passes the request on to the controller. */
  private async ask<T>(question: (broker: Connection) => Promise<T>): Promise<T> {
    let lastError: unknown;
    for (const address of this.connection.brokers) {
      const broker = new Connection(this.connection.clientId, connectionOptions(this.connection));
      // The same errors reject the calls below.
      broker.on('error', () => undefined);
      try {
        const { hostname, port } = new URL(`kafka://${address}`);
        await broker.connect(hostname, Number(port));
        return await question(broker);
      } catch (error) {
        if (hasCode(error, CLUSTER_AUTHORIZATION_FAILED))
          throw fault('This user may not administer Kafka users.', error);
        lastError = error;
      } finally {
        await broker.close().catch(() => undefined);
      }
    }
    throw transient('TOC_KAFKA_UNAVAILABLE', 'No broker answered a request about users.', lastError);
  }
}

function hasCode(error: unknown, apiCode: number): boolean {
  return error instanceof Error && findErrorBy(error, 'apiCode', apiCode) !== null;
}
