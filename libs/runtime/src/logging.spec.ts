import { createLogger } from './logging.js';

/** What is logged of an error, as one text. */
function logged(error: unknown): string {
  const lines: string[] = [];
  createLogger('a-test', 'info', { write: (line) => lines.push(line) }).error({ err: error }, 'it-failed');
  return lines.join('');
}

const SAID = 'https://video.example/watch/secret';

function databaseError(message: string, more: object): Error {
  return Object.assign(new Error(message), { severity: 'ERROR', code: '22P02', ...more });
}

describe('errors in logs', () => {
  const driverError = databaseError(`invalid input syntax for type uuid: "${SAID}"`, {
    detail: `Key (value)=(${SAID}) already exists.`,
    where: `unnamed portal parameter $1 = '${SAID}'`,
    table: 'signal',
    constraint: 'signal_pkey',
  });
  const queryError = Object.assign(new Error(driverError.message), {
    code: '22P02',
    name: 'QueryFailedError',
    driverError,
    query: `SELECT '${SAID}'`,
    parameters: [SAID],
  });

  it.each([
    ['of PostgreSQL', driverError],
    ['of a query', queryError],
    ['under another', new Error('the chunk failed', { cause: queryError })],
    ['with lines in its sentence', databaseError(`bad:\n${SAID}\n    at ${SAID}`, { constraint: 'signal_pkey' })],
  ])('repeat nothing that was written: %s', (_name, error) => {
    const text = logged(error);
    expect(text).not.toContain('video.example');
    expect(text).toContain('22P02');
    expect(text).toContain('signal_pkey');
  });

  it('say what any other error says', () => {
    expect(logged(new Error('the key is not there'))).toContain('the key is not there');
  });
});
