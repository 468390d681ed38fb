import { meaningDigest } from './submission-digest.js';

const MEANING = {
  kind: 'advisory',
  format: 'value-list',
  parameters: { harm: ['tvec'], bulletin: { title: 'a', what_to_do: 'b' } },
  sha256: '00',
};
const hex = (change: Partial<Parameters<typeof meaningDigest>[0]> = {}): string =>
  meaningDigest({ ...MEANING, ...change }).toString('hex');

describe('meaningDigest', () => {
  it('does not depend on the order of keys', () => {
    expect(hex({ parameters: { bulletin: { what_to_do: 'b', title: 'a' }, harm: ['tvec'] } })).toBe(hex());
  });

  it.each([
    ['kind', { kind: 'revision' }],
    ['format', { format: 'csv-list' }],
    ['advisory', { advisoryId: 'a' }],
    ['document', { sha256: '01' }],
    ['parameter', { parameters: { ...MEANING.parameters, confidence: 1 } }],
    ['order of a list', { parameters: { ...MEANING.parameters, harm: ['csea', 'tvec'] } }],
    ['nested text', { parameters: { ...MEANING.parameters, bulletin: { title: 'a', what_to_do: 'c' } } }],
    ['list made an object', { parameters: { ...MEANING.parameters, harm: [['0', 'tvec']] } }],
  ])('differs by %s', (_, change) => {
    expect(hex(change)).not.toBe(hex());
  });

  it('tells objects from lists of pairs', () => {
    expect(hex({ parameters: { a: { b: 1 } } })).not.toBe(hex({ parameters: { a: [['b', 1]] } }));
  });
});
