import kafkajs, { type PartitionAssigner } from 'kafkajs';

const { AssignerProtocol } = kafkajs;
const NAME = 'TocsinSubscribedMembers';
// Of the consumer protocol, not of this assigner: version 1 and later carry fields that kafkajs does not write.
const VERSION = 0;

/**
 * Spreads the partitions of each topic over the members that subscribe to it. kafkajs' own assigner spreads the
 * leader's topics over everybody: while replicas of a service learn of a new topic one after the other, its
 * partitions would be given to members that do not read them.
 */
export const subscribedMembersAssigner: PartitionAssigner = ({ cluster }) => ({
  name: NAME,
  version: VERSION,

  protocol({ topics }) {
    return {
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.alloc(0) }),
    };
  },

  async assign({ members, topics }) {
    const subscribers = subscribersByTopic(members);
    const others = [...subscribers.keys()].filter((topic) => !topics.includes(topic));
    // The leader knows the partitions of its own topics only. One that vanished meanwhile is left to its subscribers.
    if (others.length > 0) await cluster.addMultipleTargetTopics(others).catch(() => undefined);
    const partitions = [...subscribers.keys()].map((topic) => ({
      topic,
      partitions: cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
    }));
    const assignments = spread(partitions, subscribers);
    return members.map(({ memberId }) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment: assignments.get(memberId) ?? {},
        userData: Buffer.alloc(0),
      }),
    }));
  },
});

function subscribersByTopic(members: readonly { memberId: string; memberMetadata: Buffer }[]): Map<string, string[]> {
  const subscribers = new Map<string, string[]>();
  for (const { memberId, memberMetadata } of members) {
    for (const topic of AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? []) {
      const known = subscribers.get(topic);
      if (known) known.push(memberId);
      else subscribers.set(topic, [memberId]);
    }
  }
  return subscribers;
}

/** Gives each partition to the subscriber that has the fewest so far; deterministic for the same group. */
function spread(
  topics: readonly { topic: string; partitions: readonly number[] }[],
  subscribers: ReadonlyMap<string, readonly string[]>,
): Map<string, Record<string, number[]>> {
  const load = new Map<string, number>();
  const assignments = new Map<string, Record<string, number[]>>();
  const inOrder = [...topics].sort((a, b) => (a.topic < b.topic ? -1 : 1));
  for (const { topic, partitions } of inOrder) {
    const candidates = [...(subscribers.get(topic) ?? [])].sort();
    for (const partition of [...partitions].sort((a, b) => a - b)) {
      const member = candidates.reduce((least, next) =>
        (load.get(next) ?? 0) < (load.get(least) ?? 0) ? next : least,
      );
      load.set(member, (load.get(member) ?? 0) + 1);
      const own = assignments.get(member) ?? {};
      (own[topic] ??= []).push(partition);
      assignments.set(member, own);
    }
  }
  return assignments;
}
