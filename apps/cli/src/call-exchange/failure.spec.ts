import { CommanderError } from 'commander';
import { fault, rejection } from '#libs/domain';
import { ConfigError } from '#libs/runtime';
import { Refusal } from './exchange-api.js';
import { failureOf } from './failure.js';

describe('a failure', () => {
  const problem = { code: 'TOC_REQUEST_PARAMETER', detail: 'not so' };

  it.each([
    [
      'a refusal by the exchange',
      new Refusal({ status: 409, code: 'TOC_REQUEST_CONFLICT', detail: 'no' }),
      1,
      'TOC_REQUEST_CONFLICT',
      'no',
    ],
    [
      'a refusal by something before it',
      new Refusal({ status: 502 }),
      1,
      'TOC_PEER_UNAVAILABLE',
      'the exchange answered 502',
    ],
    ['a refusal of its own', new Refusal({ status: 0, detail: 'not so' }), 1, problem.code, problem.detail],
    [
      'a rejection',
      rejection('TOC_REQUEST_PARAMETER', 'not so', { problems: ['one'] }),
      1,
      problem.code,
      problem.detail,
    ],
    [
      'a command that is not understood',
      new CommanderError(1, 'commander.unknownOption', 'error: not so'),
      64,
      problem.code,
      problem.detail,
    ],
    [
      'the configuration',
      new ConfigError(['TOCSIN_INTAKE_URL must be a URL']),
      78,
      problem.code,
      'The configuration is not valid.',
    ],
    ['a fault', fault('not so'), 70, 'TOC_FAULT', 'TOC_FAULT: not so'],
    ['an error that nobody expected', new TypeError('not so'), 70, 'TOC_FAULT', 'not so'],
    ['what is no error', 'thrown', 70, 'TOC_FAULT', 'it failed'],
  ])('by %s has a code, a detail and a status', (_, thrown, status, code, detail) => {
    expect(failureOf(thrown)).toMatchObject({ status, problem: { code, detail } });
  });

  it('is not what asking for help ends with', () => {
    expect(failureOf(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'))).toBeUndefined();
  });
});
