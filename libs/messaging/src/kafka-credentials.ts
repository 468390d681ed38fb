/** Something a user may do. Whatever no grant names is forbidden. */
export interface KafkaGrant {
  resource: 'topic' | 'group';
  name: string;
  /** `literal`: that name alone. `prefixed`: every name that begins with it. */
  pattern: 'literal' | 'prefixed';
  operations: readonly ('read' | 'write' | 'describe')[];
}

/**
 * Users of the cluster and what they may do. The direct adapter asks the brokers; in a cluster run by the Strimzi
 * operator another one can write `KafkaUser` resources, whose authentication and authorisation parts carry the same.
 * Names are 1 to 64 characters of `A-Za-z0-9._-`. Every call may be repeated.
 *
 * Calls throw a rejection `TOC_REQUEST_PARAMETER` for a name or password that cannot be used, a transient
 * `TOC_KAFKA_UNAVAILABLE`, and a fault when the service's own user may not administer.
 */
export interface KafkaCredentials {
  /** Makes the user, or gives an existing one this password (connections that are open stay open). It may do nothing yet. */
  ensureUser(name: string, password: string): Promise<void>;
  /** As {@link revokeAll}, then removes the user, so that it can no longer connect. */
  removeUser(name: string): Promise<void>;
  /** Replaces what the user may do; grants that stay are never missing in between. */
  allow(name: string, grants: readonly KafkaGrant[]): Promise<void>;
  /**
   * Takes everything away. What is connected is refused at its next request; only a fetch that waits at the broker
   * already is answered once more, so stop writing for this user first.
   */
  revokeAll(name: string): Promise<void>;
  /** Names of all users, sorted; the service's own are among them. */
  listUsers(): Promise<string[]>;
  listGrants(name: string): Promise<KafkaGrant[]>;
}

/** What a platform that takes delivery by Kafka may do: read its own topic, in groups of its own, and nothing else. */
export function platformGrants(topic: string, groupPrefix: string): KafkaGrant[] {
  return [
    { resource: 'topic', name: topic, pattern: 'literal', operations: ['read', 'describe'] },
    { resource: 'group', name: groupPrefix, pattern: 'prefixed', operations: ['read'] },
  ];
}
