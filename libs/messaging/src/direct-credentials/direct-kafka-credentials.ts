import { rejection } from '#libs/domain';
import type { KafkaConnection } from '../kafka-client.js';
import type { KafkaCredentials, KafkaGrant } from '../kafka-credentials.js';
import { linkOpener } from '../kafkajs/kafkajs-link.js';
import type { MessagingLogger } from '../messaging-logger.js';
import { AclGrants } from './acl-grants.js';
import { ScramUsers } from './scram-users.js';

const NAME = /^[A-Za-z0-9._-]{1,64}$/;
/** Printable ASCII, which SASLprep (RFC 4013) leaves as it is; long enough to be drawn at random. */
const PASSWORD = /^[\x21-\x7e]{16,256}$/;

/**
 * Users and grants kept by the brokers themselves: SCRAM-SHA-512 credentials and access control lists.
 *
 * @param connection of a user that may administer the cluster
 */
export function directKafkaCredentials(connection: KafkaConnection, logger: MessagingLogger): KafkaCredentials {
  const users = new ScramUsers(connection);
  const acls = new AclGrants(linkOpener(connection, logger));
  return {
    async ensureUser(name, password) {
      requireName(name);
      requirePassword(password);
      await users.upsert(name, password);
    },
    async removeUser(name) {
      requireName(name);
      // In this order: without its credential the user could not connect anew, but what is connected would go on.
      await acls.removeAll(name);
      await users.delete(name);
    },
    async allow(name: string, grants: readonly KafkaGrant[]) {
      requireName(name);
      await acls.replace(name, grants);
    },
    async revokeAll(name) {
      requireName(name);
      await acls.removeAll(name);
    },
    listUsers: () => users.list(),
    async listGrants(name) {
      requireName(name);
      return acls.list(name);
    },
  };
}

function requireName(name: string): void {
  if (!NAME.test(name)) throw rejection('TOC_REQUEST_PARAMETER', 'The name of a Kafka user is not valid.');
}

function requirePassword(password: string): void {
  if (!PASSWORD.test(password)) {
    throw rejection('TOC_REQUEST_PARAMETER', 'The password of a Kafka user must be 16 to 256 printable characters.');
  }
}
