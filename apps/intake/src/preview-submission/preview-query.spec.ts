import { readSubmissionParameters } from '#libs/events';
import { previewQuery } from './preview-query.js';

describe('the query of a preview', () => {
  it('says what the parameters say', () => {
    const given = {
      channels: ['everyone', 'france'],
      harm: 'tvec',
      confidence: 80,
      unlawful_in: [{ country: 'NZ', provision: 'Act, s 4' }],
      ceiling_by_country: { FR: 'log' },
      drill: true,
    };
    const said = readSubmissionParameters(given);
    const plain = JSON.parse(JSON.stringify(said)) as Record<string, unknown>;
    const params = new URLSearchParams();
    for (const [name, value] of Object.entries(previewQuery(plain)))
      for (const one of [value].flat()) params.append(name, one);
    const read = Object.fromEntries(
      [...new Set(params.keys())].map((name) => [
        name,
        params.getAll(name).length > 1 ? params.getAll(name) : params.get(name),
      ]),
    );
    expect(readSubmissionParameters(read)).toEqual(said);
  });

  it('leaves the words of a bulletin at home', () => {
    expect(previewQuery({ bulletin: { title: 'News', what_to_do: 'x'.repeat(10_000) } })).toEqual({
      bulletin: '{"title":"News"}',
    });
  });

  it('is bounded', () => {
    const many = Array.from({ length: 30 }, () => ({ country: 'NZ', provision: 'ä'.repeat(200) }));
    expect(() => previewQuery({ unlawful_in: many })).toThrow('TOC_REQUEST_TOO_LARGE');
  });
});
