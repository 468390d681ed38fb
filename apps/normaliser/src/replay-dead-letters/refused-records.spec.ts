import { letterOfOutbox, outboxOfLetter } from './refused-records.js';

describe('the dead letter of an outbox row', () => {
  it.each(['1', '255', '281474976710655'])('is known by its id: %s', (id) => {
    const letter = letterOfOutbox(id);
    expect(letter).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(outboxOfLetter(letter)).toBe(id);
  });

  it('is no other dead letter', () => expect(outboxOfLetter('0198c0de-0000-7000-8000-00000000000a')).toBeUndefined());
});
