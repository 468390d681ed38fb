import type { DataSource } from 'typeorm';
import { platformTopic } from '#libs/events';
import type { TopicAdmin, TopicWanted } from '#libs/messaging';
import { KafkaTopics } from './kafka-topics.js';

describe("a platform's own topic", () => {
  it('is made whatever state other topics are in', async () => {
    const asked: TopicWanted[] = [];
    const admin: Pick<TopicAdmin, 'ensureTopic'> = {
      ensureTopic: (wanted) => {
        asked.push(wanted);
        return Promise.resolve('created');
      },
    };
    const topics = new KafkaTopics({} as DataSource, admin as TopicAdmin, 3);
    await topics.ensureOfPlatform('forum');
    expect(asked.map(({ topic, partitions, replicationFactor }) => [topic, partitions, replicationFactor])).toEqual([
      [platformTopic('forum'), 1, 3],
    ]);
    expect(asked[0]?.configs).toMatchObject({ 'cleanup.policy': 'compact', 'min.insync.replicas': '2' });
  });
});
