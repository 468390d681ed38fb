import { readSubmissionParameters } from '#libs/events';
import type { DeclaredLevel } from './find-level-marks.js';
import { refuseMarkedParameters } from './marked-parameters.js';

const DECLARED: DeclaredLevel = { tlp: 'amber+strict', classification: 'unclassified' };

function refusal(given: Record<string, unknown>, declared = DECLARED): string | undefined {
  try {
    refuseMarkedParameters(readSubmissionParameters(given), declared);
  } catch (thrown) {
    return (thrown as { code: string }).code;
  }
  return undefined;
}

describe('parameters', () => {
  it.each([
    ['TLP above the level', { tlp: 'red' }, 'TOC_SUBMISSION_ABOVE_LEVEL'],
    ['a classification above the level', { classification: 'Top Secret//SI' }, 'TOC_SUBMISSION_ABOVE_LEVEL'],
    ['another spelling', { classification: 'vs-nur für den dienstgebrauch' }, 'TOC_SUBMISSION_ABOVE_LEVEL'],
    ['a classification that nobody knows', { classification: 'ultra violet' }, 'TOC_REQUEST_PARAMETER'],
    [
      'a banner in a bulletin',
      { bulletin: { title: 'News', what_to_do: 'SECRET//NOFORN\nLook.' } },
      'TOC_SUBMISSION_ABOVE_LEVEL',
    ],
    ['a title that is a banner', { bulletin: { title: 'SECRET' } }, 'TOC_SUBMISSION_ABOVE_LEVEL'],
    [
      'a picture in a bulletin',
      { bulletin: { title: 'See', what_to_do: `data:image/png;base64,${'iVBORw0K'.repeat(6)}` } },
      'TOC_SUBMISSION_MEDIA',
    ],
    ['a NUL', { bulletin: { title: 'a\0b' } }, 'TOC_REQUEST_PARAMETER'],
    ['half a character', { bulletin: { title: 'a\ud800b' } }, 'TOC_REQUEST_PARAMETER'],
  ])('are refused for %s', (_, given, code) => {
    expect(refusal(given)).toBe(code);
  });

  it('are taken within the level', () => {
    expect(
      refusal({ tlp: 'amber', classification: 'Unclassified//FOUO', legal_basis: 'Secrets Act 1911, (c)' }),
    ).toBeUndefined();
    expect(refusal({ tlp: 'red', classification: 'secret' }, { tlp: 'red', classification: 'secret' })).toBeUndefined();
    expect(
      refusal({ bulletin: { title: 'Kept secret', what_to_do: 'Data: see TLP:RED rules above.' } }),
    ).toBeUndefined();
  });
});
