import kafkajs, { type Assigner } from 'kafkajs';
import { subscribedMembersAssigner } from './subscribed-members-assigner.js';

const PARTITIONS: Record<string, number> = { a: 3, b: 2, c: 1 };

/** The assigner of a leader in a cluster with the topics above; it knows of a topic only once told to look for it. */
function leaderOf(...known: string[]): Assigner {
  const topics = new Set(known);
  const cluster = {
    addMultipleTargetTopics: (more: string[]) => Promise.resolve(more.forEach((topic) => topics.add(topic))),
    findTopicPartitionMetadata: (topic: string) =>
      Array.from({ length: topics.has(topic) ? (PARTITIONS[topic] ?? 0) : 0 }, (_, partitionId) => ({ partitionId })),
  };
  const assigner: unknown = Reflect.apply(subscribedMembersAssigner, undefined, [{ cluster, groupId: 'g' }]);
  return assigner as Assigner;
}

const member = (memberId: string, ...topics: string[]) => ({
  memberId,
  memberMetadata: leaderOf().protocol({ topics }).metadata,
});

async function assign(leader: Assigner, topics: string[], ...members: ReturnType<typeof member>[]) {
  const assigned = await leader.assign({ members, topics });
  return Object.fromEntries(
    assigned.map(({ memberId, memberAssignment }) => [
      memberId,
      { ...kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment },
    ]),
  );
}

describe('the assignment of partitions', () => {
  it('spreads every partition over the members evenly', async () => {
    const assigned = await assign(
      leaderOf('a', 'b', 'c'),
      ['a', 'b', 'c'],
      member('1', 'a', 'b', 'c'),
      member('2', 'a', 'b', 'c'),
    );
    expect(assigned).toEqual({ '1': { a: [0, 2], b: [1] }, '2': { a: [1], b: [0], c: [0] } });
  });

  it('gives a topic only to members that read it, even when the leader does not', async () => {
    const assigned = await assign(leaderOf('a'), ['a'], member('1', 'a'), member('2', 'a', 'b'));
    expect(assigned).toEqual({ '1': { a: [0, 2] }, '2': { a: [1], b: [0, 1] } });
  });

  it('gives a member nothing when there is nothing left', async () => {
    const assigned = await assign(leaderOf('c'), ['c'], member('1', 'c'), member('2', 'c'));
    expect(assigned).toEqual({ '1': { c: [0] }, '2': {} });
  });

  it('passes over a topic that is no more', async () => {
    const assigned = await assign(leaderOf('gone'), ['gone'], member('1', 'gone', 'c'));
    expect(assigned).toEqual({ '1': { c: [0] } });
  });
});
