import { readMispSighting } from './misp-sightings.js';

const NOW = new Date('2026-11-27T10:30:00Z');
const ROW = '018f0000-0000-7000-8000-000000000001';
const read = (said: object) => readMispSighting({ uuid: ROW, ...said }, 'everyone', undefined, NOW);

describe('a MISP sighting', () => {
  it.each([[0], ['0'], [undefined]])('of type %j was seen in its hour', (type) => {
    expect(read({ type, date_sighting: '1795774200' })).toMatchObject({
      item: { kind: 'sighting', count: 1, from: '2026-11-27T10:00:00.000Z', until: '2026-11-27T11:00:00.000Z' },
      problems: [],
    });
  });

  it.each([[null], [''], [true], [false], [[]], [[1]], ['01'], ['3']])('of type %j says nothing', (type) => {
    expect(read({ type }).item).toMatchObject({ kind: '' });
  });

  it.each([[''], [[]], [true], [false], ['soon']])('at %j is refused', (date) => {
    expect(read({ date_sighting: date }).problems).toEqual(['date_sighting: seconds were expected']);
  });
});
