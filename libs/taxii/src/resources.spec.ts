import {
  collections,
  dateHeaders,
  discovery,
  envelopeText,
  errorMessage,
  manifestText,
  versions,
} from './resources.js';

describe('resources of TAXII', () => {
  test('have no empty lists', () => {
    const end = { more: false };
    expect([envelopeText([], end), manifestText([], end), versions([], end), collections([])]).toEqual([
      ...['{}', '{}', {}, {}],
    ]);
    expect(discovery({ title: 't' }, [])).toEqual({ title: 't' });
    expect(dateHeaders(undefined, undefined)).toEqual({});
  });

  test('say that there is more, and where', () => {
    expect(JSON.parse(envelopeText(['{"id":"a"}', '{"id":"b"}'], { more: true, next: 'x"y' }))).toEqual({
      ...{ more: true, next: 'x"y' },
      objects: [{ id: 'a' }, { id: 'b' }],
    });
    expect(versions(['v'], { more: true, next: 'n' })).toEqual({ more: true, next: 'n', versions: ['v'] });
    expect(discovery({ title: 't' }, ['/a/', '/b/'])).toMatchObject({ default: '/a/', api_roots: ['/a/', '/b/'] });
  });

  test('give the status of an error as text', () => {
    expect(errorMessage({ title: 't' }, 404)).toEqual({ title: 't', http_status: '404' });
  });
});
