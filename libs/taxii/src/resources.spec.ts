import {
  collections,
  dateHeaders,
  discovery,
  envelopeText,
  errorMessage,
  manifestText,
  status,
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

  test('tell what became of objects: pending while one is, and never by an empty list', () => {
    const about = { id: 'a', requestedAt: 't', total: 3 };
    const counts = { id: 'a', request_timestamp: 't', total_count: 3 };
    expect(status({ ...about, failed: 1, pending: 1 })).toEqual({
      ...{ ...counts, status: 'pending', success_count: 1, failure_count: 1, pending_count: 1 },
    });
    const failures = [{ id: 'x--1', version: 'v', message: 'TOC_ITEM_VALUE' }];
    expect(status({ ...about, failed: 1, pending: 0, listed: { successes: [], failures, pendings: [] } })).toEqual({
      ...{ ...counts, status: 'complete', success_count: 2, failure_count: 1, failures, pending_count: 0 },
    });
  });
});
