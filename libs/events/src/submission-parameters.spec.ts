import { draftOfParameters, readSubmissionParameters } from './submission-parameters.js';

const OBJECTS = {
  entity: { name: 'An Entity', designations: [{ list: 'UN', country: 'NZ', date: '2020-01-02' }] },
  unlawful_in: [{ country: 'NZ', provision: 'Act, section 4' }],
  ceiling_by_country: { FR: 'log' },
  columns: { value: 'sha' },
  bulletin: { title: 'News', what_to_do: 'Look.' },
};

function problems(given: Record<string, unknown>): unknown {
  try {
    readSubmissionParameters(given);
  } catch (thrown) {
    return (thrown as { facts: { problems: string[] } }).facts.problems;
  }
  return undefined;
}

describe('parameters of a submission', () => {
  it.each(Object.entries(OBJECTS))('%s reads the same from JSON and from text in a query', (name, value) => {
    const fromJson = readSubmissionParameters({ [name]: value });
    expect(readSubmissionParameters({ [name]: JSON.stringify(value) })).toEqual(fromJson);
    expect(JSON.parse(JSON.stringify(fromJson))).toEqual({ [name]: value });
  });

  it('hold nested rules in both forms', () => {
    for (const bulletin of [{ title: 'x', extra: 1 }, { what_to_do: 'no title' }]) {
      expect(problems({ bulletin })).toBeDefined();
      expect(problems({ bulletin: JSON.stringify(bulletin) })).toEqual(problems({ bulletin }));
    }
    expect(problems({ unlawful_in: '{"country":"NZ"}' })).toBeDefined();
    expect(problems({ bulletin: 'not JSON' })).toBeDefined();
    expect(problems({ bulletin: '"text"' })).toBeDefined();
  });

  it.each(['constructor', 'toString', '__proto__'])('have no %s', (name) => {
    expect(problems(JSON.parse(`{"${name}":"x"}`) as Record<string, unknown>)).toEqual([
      `${name}: it should not exist`,
    ]);
  });

  it.each([
    { legal_basis: 'a\u0000b' },
    { entity: { name: 'a\nb' } },
    { bulletin: { title: 'a\u001b[31m' } },
    { bulletin: { title: 'a', what_to_do: 'a\ud800' } },
    { delimiter: '\u0000' },
  ])('say nothing that cannot be stored or shown: %j', (given) => {
    expect(problems(given)).toHaveLength(1);
  });

  it('name what is wrong and never say it', () => {
    const said = JSON.stringify(problems({ severity: 'hunter2', nonsense: 'hunter2' }));
    expect(said).toContain('severity');
    expect(said).toContain('nonsense');
    expect(said).not.toContain('hunter2');
  });

  it('become a draft in UTC', () => {
    const read = readSubmissionParameters({
      harm: 'tvec',
      valid_until: '2031-01-01T02:00:00+02:00',
      releasable_to: 'NZ,FR',
    });
    expect(draftOfParameters(read)).toMatchObject({
      harms: ['tvec'],
      validUntil: '2031-01-01T00:00:00.000Z',
      marking: { releasableTo: ['NZ', 'FR'] },
    });
  });
});
