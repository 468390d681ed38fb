import { isClassified, readAcs } from './acs-marking.js';

const ALL = {
  permitted_nationalities: ['ALL'],
  permitted_organizations: ['ALL'],
  shareability: ['ALL'],
  entity: ['ALL'],
};
const policy = (privilege: string, share: string): string =>
  `urn:isa:policy:acs:ns:v3.0?privdefault=${privilege}&sharedefault=${share}`;
const permit = (action: string, scope: object = ALL): object => ({
  ...{ privilege_action: action, privilege_scope: scope, rule_effect: 'permit' },
});
const marking = (more: object = {}, controls: object = {}): object => ({
  ...{ identifier: 'isa:guide.19001.ACS3-1', responsible_entity_custodian: 'USA.DOJ.FBI' },
  ...{ policy_reference: policy('permit', 'permit'), control_set: { classification: 'U', ...controls } },
  ...more,
});

describe('markings of ACS 3.0', () => {
  it.each<[string, object, unknown]>([
    ['permits by default', marking(), { releasableTo: 'all' }],
    ['is for official use', marking({}, { formal_determination: ['FOUO'] }), { releasableTo: 'all', tlp: 'amber' }],
    ['is for nobody abroad', marking({}, { formal_determination: ['NF'] }), { releasableTo: ['US'] }],
    [
      'is releasable to five',
      marking({}, { permitted_nationalities: ['USA', 'AUS', 'CAN', 'GBR', 'NZL'] }),
      { releasableTo: ['US', 'AU', 'CA', 'GB', 'NZ'] },
    ],
    ['names a country of nobody', marking({}, { permitted_nationalities: ['XYZ'] }), { releasableTo: [] }],
    [
      'may be displayed',
      marking({ policy_reference: policy('deny', 'permit'), access_privilege: [permit('DSPLY')] }),
      { releasableTo: 'all' },
    ],
    [
      'may be displayed to two by two rules',
      marking({
        policy_reference: policy('deny', 'permit'),
        access_privilege: [
          permit('DSPLY', { ...ALL, permitted_nationalities: ['USA', 'GBR'] }),
          permit('ALL', { permitted_nationalities: ['GBR', 'FRA'] }),
        ],
      }),
      { releasableTo: ['GB'] },
    ],
    [
      'is public',
      marking(
        { policy_reference: policy('deny', 'deny'), public_release: { released_by: 'USA.USG' } },
        { formal_determination: ['PUBREL'] },
      ),
      { releasableTo: 'all' },
    ],
    [
      'may go on to companies',
      marking({
        policy_reference: policy('permit', 'deny'),
        further_sharing: [{ sharing_scope: ['SECTOR'], rule_effect: 'permit' }],
      }),
      { releasableTo: 'all' },
    ],
  ])('one that %s', (_name, given, limits) => expect(readAcs(given)).toEqual(limits));

  it.each<[string, unknown]>([
    ['is none', 'U'],
    ['has no controls', marking({ control_set: undefined })],
    ['has another policy', marking({ policy_reference: 'urn:isa:policy:acs:ns:v4.0' })],
    ['denies by default', marking({ policy_reference: policy('deny', 'permit') })],
    ['may not be shared', marking({ policy_reference: policy('permit', 'deny') })],
    [
      'may be shared with a government',
      marking({
        policy_reference: policy('permit', 'deny'),
        further_sharing: [{ sharing_scope: ['FOREIGNGOV'], rule_effect: 'permit' }],
      }),
    ],
    [
      'lets others act on it',
      marking({ policy_reference: policy('deny', 'permit'), access_privilege: [permit('CISAUSES')] }),
    ],
    [
      'is displayed to the police',
      marking({
        policy_reference: policy('deny', 'permit'),
        access_privilege: [permit('DSPLY', { ...ALL, shareability: ['LE'] })],
      }),
    ],
    ['denies somebody something', marking({ access_privilege: [{ ...permit('INTEL'), rule_effect: 'deny' }] })],
    [
      'is public in words only',
      marking({ policy_reference: policy('deny', 'deny') }, { formal_determination: ['PUBREL'] }),
    ],
    ...['sci_controls', 'caveat', 'sensitivity', 'shareability', 'entity'].map((name): [string, object] => [
      `has ${name}`,
      marking({}, { [name]: ['LE'] }),
    ]),
    ['is for an agency', marking({}, { permitted_organizations: ['USA.DHS'] })],
    ['says no classification', marking({}, { classification: undefined })],
  ])('one that %s is for no platform', (_name, given) => expect(readAcs(given)).toBeUndefined());

  it('that are classified are known as such', () => {
    for (const classification of ['C', 'S', 'TS', 'ts'])
      expect(isClassified(marking({}, { classification }))).toBe(true);
    for (const classification of ['U', undefined, 7]) expect(isClassified(marking({}, { classification }))).toBe(false);
  });
});
