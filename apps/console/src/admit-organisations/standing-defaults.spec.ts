import { TocsinError } from '#libs/domain';
import { readStandingDefaults, showStandingDefaults } from './standing-defaults.js';

const DESKS = [{ id: 'duty', name: 'Duty desk' }];

function problemsOf(given: Record<string, unknown>): string[] {
  try {
    readStandingDefaults(given, DESKS);
  } catch (thrown) {
    if (thrown instanceof TocsinError && Array.isArray(thrown.facts.problems)) return thrown.facts.problems;
  }
  throw new Error('it was not refused');
}

describe('standing defaults of an agency', () => {
  it('reads what may stand for every submission, and shows it in the same words', () => {
    const given = {
      harm: ['tvec'],
      nature: 'information',
      legal_basis: 'Police Act § 2',
      ceiling: 'limit',
      valid_for: 30,
      contact_desk: 'duty',
      tlp: 'amber',
      releasable_to: ['NO', 'SE'],
    };
    const draft = readStandingDefaults(given, DESKS);
    expect(draft).toMatchObject({
      harms: ['tvec'],
      nature: 'information',
      contactDesk: 'duty',
      marking: { tlp: 'amber' },
    });
    expect(showStandingDefaults(draft)).toEqual(given);
  });

  it.each(['referral', 'order-notice'])('refuses the nature %s, with or without its legal basis', (nature) => {
    for (const given of [{ nature }, { nature, legal_basis: 'Regulation (EU) 2021/784' }]) {
      expect(problemsOf(given).join()).toMatch(
        /defaults\.nature: a referral or an order notice is decided item by item/,
      );
    }
  });

  it('refuses a legal basis that does not say it is for information', () => {
    expect(() => readStandingDefaults({ legal_basis: 'Police Act § 2' }, DESKS)).toThrow(/TOC_REQUEST_PARAMETER/);
  });

  it.each(['channels', 'valid_until', 'valid_from', 'bulletin', 'drill', 'format', 'classification', 'colour'])(
    'refuses %s, which cannot stand for every submission',
    (name) => {
      expect(() => readStandingDefaults({ [name]: 'x' }, DESKS)).toThrow(/TOC_REQUEST_PARAMETER/);
    },
  );

  it('refuses a contact that is not one of the desks', () => {
    expect(() => readStandingDefaults({ contact_desk: 'night' }, DESKS)).toThrow(/TOC_REQUEST_PARAMETER/);
  });
});
