import kafkajs from 'kafkajs';
import { kafkaErrorType, summaryOf, verdictOf } from './kafkajs-errors.js';

const protocolError = (type: string) => Object.assign(new Error('said by the broker'), { type });
const wrapped = (cause: Error) => new Error('Retries exceeded', { cause: new Error('inner', { cause }) });

describe('the verdict over an error of kafkajs', () => {
  it.each([
    ['MESSAGE_TOO_LARGE', 'refused'],
    ['TOPIC_AUTHORIZATION_FAILED', 'forbidden'],
    ['UNKNOWN_TOPIC_OR_PARTITION', 'no-topic'],
    ['NOT_LEADER_FOR_PARTITION', 'outage'],
    // Fewer brokers are up than replicas are wanted, which a restart mends.
    ['INVALID_REPLICATION_FACTOR', 'outage'],
    ['SOMETHING_NEW', 'outage'],
  ])('of %s is %s, however deep it is wrapped', (type, verdict) => {
    expect(verdictOf(protocolError(type))).toBe(verdict);
    expect(verdictOf(wrapped(protocolError(type)))).toBe(verdict);
    expect(verdictOf(new kafkajs.KafkaJSAggregateError('several', [protocolError(type)]))).toBe(verdict);
  });

  it('of a lost connection is an outage', () => {
    expect(verdictOf(new kafkajs.KafkaJSConnectionError('Connection error: refused'))).toBe('outage');
    expect(verdictOf('not even an error')).toBe('outage');
  });

  it('does not loop over causes in a circle', () => {
    const error = new Error('a');
    error.cause = error;
    expect(kafkaErrorType(error)).toBeUndefined();
    expect(summaryOf(error)).toBe('a');
  });

  it('is summed up by the name the broker gave, else by the innermost message', () => {
    expect(summaryOf(wrapped(protocolError('X')))).toBe('X');
    expect(summaryOf(wrapped(new Error('ECONNREFUSED')))).toBe('ECONNREFUSED');
  });
});
