import { readSpill } from './destruction-orders.js';

describe('readSpill', () => {
  it('takes a code of the list and bounds the words', () => {
    expect(readSpill({ code: 'TOC_SUBMISSION_MEDIA', detail: 'x'.repeat(900) }).detail).toHaveLength(500);
    expect(readSpill({ code: 'TOC_SUBMISSION_ABOVE_LEVEL' })).toEqual({
      code: 'TOC_SUBMISSION_ABOVE_LEVEL',
      detail: '',
    });
  });

  it.each([[undefined], ['x'], [[]], [{}], [{ code: 'toString' }], [{ code: 5 }]])('refuses %j', (body) => {
    expect(() => readSpill(body)).toThrow(expect.objectContaining({ code: 'TOC_REQUEST_PARAMETER' }) as Error);
  });
});
