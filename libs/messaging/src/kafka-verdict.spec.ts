import { kafkaVerdict } from './kafka-verdict.js';

describe('what an error of Kafka means', () => {
  it.each([
    ['MESSAGE_TOO_LARGE', 'refused'],
    ['INVALID_RECORD', 'refused'],
    // A clock is set right and a broker is upgraded: the record is the same, and is taken then.
    ['INVALID_TIMESTAMP', 'outage'],
    ['UNSUPPORTED_VERSION', 'outage'],
    ['NOT_LEADER_OR_FOLLOWER', 'outage'],
    [undefined, 'outage'],
    ['TOPIC_AUTHORIZATION_FAILED', 'forbidden'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'no-topic'],
  ])('%s is %s', (name, verdict) => expect(kafkaVerdict(name)).toBe(verdict));
});
