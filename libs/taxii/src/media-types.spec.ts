import { accepts, isEnvelope } from './media-types.js';

describe('media types', () => {
  test.each([
    undefined,
    '',
    '*/*',
    'application/taxii+json',
    'application/taxii+json;version=2.1',
    'application/taxii+json; version=2.1',
    'Application/TAXII+JSON; Version="2.1"',
    'application/taxii+json;version=2.1,application/stix+json;version=2.1',
    'text/html;q=0.1, application/taxii+json;version=2.1;q=0.9',
    'application/json',
  ])('%s is satisfied', (accept) => expect(accepts(accept)).toBe(true));

  test.each([
    'text/html',
    'application/taxii+json;version=9.9',
    'application/vnd.oasis.taxii+json; version=2.0',
    'application/taxii+json;q=0',
    'text/plain, "application/taxii+json, */*"',
  ])('%s is not', (accept) => expect(accepts(accept)).toBe(false));

  test('a body says what it is', () => {
    const types = ['application/taxii+json', 'application/taxii+json; version=2.1', 'application/json', undefined];
    expect(types.map(isEnvelope)).toEqual([true, true, false, false]);
  });
});
