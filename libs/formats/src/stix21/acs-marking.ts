import { createRequire } from 'node:module';
import { commonCountries, type Country, type Tlp } from '#libs/domain';

/** Published extension of the Access Control Specification 3.0 of the Information Sharing Architecture. */
export const ACS_EXTENSION = 'extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce';

/** What an ACS marking lets platforms of an exchange have. */
export interface AcsLimits {
  releasableTo: Country[] | 'all';
  /** Least restrictive label that goes with it; ACS itself knows none. */
  tlp?: Tlp;
}

type Fields = Record<string, unknown>;

type Countries = typeof import('i18n-iso-countries');

const require = createRequire(import.meta.url);
let countries: Countries | undefined;

/** Read once a marking names countries, and without the names of any: its main file has those of all languages, 10 MB. */
function alpha2Of(trigraph: string): Country | undefined {
  countries ??= require('i18n-iso-countries/index.js') as Countries;
  return countries.alpha3ToAlpha2(trigraph);
}

const CLASSIFIED = new Set(['C', 'S', 'TS']);
const POLICY = /^urn:isa:policy:acs:ns:v3\.0\?privdefault=(permit|deny)&sharedefault=(permit|deny)$/;
/** Actions by which somebody may be shown it at all. */
const SHOWING = new Set(['DSPLY', 'ALL']);
/** Organisations among which platforms are. */
const OF_PLATFORMS = new Set(['ALL', 'PRIVATESECTOR', 'NONFED']);
const NOTHING_IN = ['sci_controls', 'caveat', 'sensitivity', 'shareability', 'entity'];

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const wordsIn = (value: unknown): string[] =>
  [value ?? []].flat().map((word: unknown) => (typeof word === 'string' ? word.toUpperCase() : ''));

/** Countries by the trigraphs of GENC; one that is not known is no country. */
function countriesOf(value: unknown): Country[] | 'all' {
  const words = wordsIn(value);
  if (value === undefined || (words.length === 1 && words[0] === 'ALL')) return 'all';
  return words.flatMap((word) => alpha2Of(word) ?? []);
}

/** Whether a marking says that the information is classified. */
export function isClassified(marking: unknown): boolean {
  const controls = isFields(marking) ? marking.control_set : undefined;
  const said = isFields(controls) ? controls.classification : undefined;
  return typeof said === 'string' && CLASSIFIED.has(said.toUpperCase());
}

/** Countries to which a rule lets it be shown; undefined when the rule is about others than platforms, or other acts. */
function shownBy(rule: unknown): Country[] | 'all' | undefined {
  if (!isFields(rule) || !SHOWING.has(String(rule.privilege_action).toUpperCase())) return undefined;
  const scope = rule.privilege_scope;
  if (!isFields(scope)) return undefined;
  const forAll = (name: string): boolean => scope[name] === undefined || wordsIn(scope[name]).includes('ALL');
  const organisations = scope.permitted_organizations;
  const forPlatforms = organisations === undefined || wordsIn(organisations).some((word) => OF_PLATFORMS.has(word));
  if (!forAll('shareability') || !forAll('entity') || !forPlatforms) return undefined;
  return countriesOf(scope.permitted_nationalities);
}

const isDenying = (rule: unknown): boolean => !isFields(rule) || rule.rule_effect !== 'permit';

function controlsLimit(controls: Fields): Country[] | 'all' | undefined {
  if (String(controls.classification).toUpperCase() !== 'U') return undefined;
  if (NOTHING_IN.some((name) => wordsIn(controls[name]).length > 0)) return undefined;
  const organisations = controls.permitted_organizations;
  if (organisations !== undefined && !wordsIn(organisations).some((word) => OF_PLATFORMS.has(word))) return undefined;
  const nationalities = countriesOf(controls.permitted_nationalities);
  return wordsIn(controls.formal_determination).includes('NF') ? commonCountries(nationalities, ['US']) : nationalities;
}

/**
 * Reads an ACS 3.0 marking as narrowly as it can be meant: platforms are companies, which have to be shown it and may not be
 * shared with unless that is permitted. What is released to the public is for everybody.
 * @returns undefined when nothing of it lets a platform have it, or when it is not understood
 */
export function readAcs(marking: unknown): AcsLimits | undefined {
  if (!isFields(marking) || !isFields(marking.control_set)) return undefined;
  const controls = marking.control_set;
  const limit = controlsLimit(controls);
  const [, privileges, sharing] = POLICY.exec(String(marking.policy_reference)) ?? [];
  if (limit === undefined || privileges === undefined) return undefined;
  const determinations = wordsIn(controls.formal_determination);
  if (determinations.includes('PUBREL') && isFields(marking.public_release)) return { releasableTo: limit };
  const rules = [marking.access_privilege ?? []].flat();
  const onward = [marking.further_sharing ?? []].flat();
  if ([...rules, ...onward].some(isDenying)) return undefined;
  const toSector = onward.some((rule) => isFields(rule) && wordsIn(rule.sharing_scope).includes('SECTOR'));
  if (sharing !== 'permit' && !toSector) return undefined;
  const shown = rules.map(shownBy).filter((countries) => countries !== undefined);
  if (privileges !== 'permit' && shown.length === 0) return undefined;
  const releasableTo = privileges === 'permit' ? limit : shown.reduce(commonCountries, limit);
  // For official use only: it stays within the organisation and who works for it.
  return { releasableTo, ...(determinations.includes('FOUO') ? { tlp: 'amber' as const } : {}) };
}
