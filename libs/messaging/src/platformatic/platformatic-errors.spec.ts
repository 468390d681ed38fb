import { MultipleErrors, NetworkError, ProtocolError, ResponseError, UserError } from '@platformatic/kafka';
import { kafkaErrorId, summaryOf, verdictOf } from './platformatic-errors.js';

const MESSAGE_TOO_LARGE = 10;
const UNKNOWN_TOPIC_OR_PARTITION = 3;

describe('the verdict over an error of @platformatic/kafka', () => {
  it.each([
    ['MESSAGE_TOO_LARGE', 'refused'],
    ['TOPIC_AUTHORIZATION_FAILED', 'forbidden'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'no-topic'],
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'outage'],
    ['NOT_LEADER_OR_FOLLOWER', 'outage'],
  ])('of %s is %s, however deep it is wrapped', (id, verdict) => {
    const said = new ProtocolError(id);
    expect(verdictOf(said)).toBe(verdict);
    expect(verdictOf(new UserError('wrapped', { cause: said }))).toBe(verdict);
    expect(verdictOf(new MultipleErrors('several', [new MultipleErrors('deep', [said])]))).toBe(verdict);
  });

  it('of an answer about partitions is that of the error it carries', () => {
    const answer = new ResponseError(0, 9, { '/responses/0/partition_responses/0': [MESSAGE_TOO_LARGE, null] }, {});
    expect(verdictOf(answer)).toBe('refused');
  });

  it('of several tries is that of the last', () => {
    const tries = [new ProtocolError(UNKNOWN_TOPIC_OR_PARTITION), new ProtocolError('LEADER_NOT_AVAILABLE')];
    expect(kafkaErrorId(new MultipleErrors('tries', tries))).toBe('LEADER_NOT_AVAILABLE');
  });

  it('of a lost connection is an outage, summed up by its innermost message', () => {
    const lost = new MultipleErrors('produce failed 2 times.', [
      new NetworkError('first'),
      new NetworkError('Connection failed.', { cause: new Error('ECONNREFUSED') }),
    ]);
    expect(verdictOf(lost)).toBe('outage');
    expect(summaryOf(lost)).toBe('ECONNREFUSED');
    expect(verdictOf('not even an error')).toBe('outage');
  });

  it('does not loop over causes in a circle', () => {
    const error = new Error('a');
    error.cause = error;
    expect(kafkaErrorId(error)).toBeUndefined();
    expect(summaryOf(error)).toBe('a');
  });
});
