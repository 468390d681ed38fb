import type { SignalType } from '#libs/domain';

/** What a column of a list, or a key of a line, holds. */
export type Role =
  | { role: 'value'; type?: SignalType }
  | { role: 'type' }
  | { role: 'quality' }
  | { role: 'deleted' }
  | { role: 'tlp' }
  /** Tags, some of which may be markings. */
  | { role: 'tags' }
  /** Whether it is meant for detection at all. */
  | { role: 'to-ids' }
  /** To whom MISP distributes it; only its widest word limits nothing. */
  | { role: 'distribution' }
  /** Of another kind than TLP, which lists cannot say. */
  | { role: 'marking' };

/** Kinds of value that are well known and carry no signal. */
export type IgnoredKind = 'ipv4-addr' | 'ipv6-addr' | 'email-addr' | 'autonomous-system' | 'file-name';

const TYPE_WORDS: Readonly<Record<SignalType, readonly string[]>> = {
  md5: ['md5', 'md5hash', 'md5sum', 'hashmd5', 'filemd5', 'filehashmd5', 'hashvideomd5', 'videomd5'],
  sha1: ['sha1', 'sha1hash', 'sha1sum', 'hashsha1', 'filesha1', 'filehashsha1'],
  sha256: ['sha256', 'sha256hash', 'sha256sum', 'hashsha256', 'filesha256', 'filehashsha256', 'hashvideosha256'],
  sha512: ['sha512', 'sha512hash', 'sha512sum', 'hashsha512', 'filesha512', 'filehashsha512'],
  pdq: ['pdq', 'pdqhash', 'hashpdq', 'xpdq', 'imagepdq'],
  url: ['url', 'uri', 'rawuri', 'urls', 'fullurl'],
  domain: ['domain', 'domainname', 'domains', 'host', 'hostname', 'fqdn'],
  // Made here only: nobody could see what it protects.
  'url-sha256': [],
  phrase: ['phrase', 'phrases', 'textstring', 'keyword', 'keyphrase'],
  photodna: ['photodna', 'pdna', 'photodnahash', 'hashphotodna'],
  'tmk-pdqf': ['tmkpdqf', 'tmk', 'tmkhash', 'videotmk', 'hashtmk'],
  videntifier: ['videntifier', 'videntifierhash'],
  netclean: ['netclean', 'netcleanhash'],
  'ssvh-pdna': ['ssvhpdna'],
  'ssvh-safer-hash': ['ssvhsaferhash', 'saferhash'],
};

const VALUE_WORDS = [
  ...['value', 'indicator', 'indicatorvalue', 'rawindicator', 'ioc', 'iocvalue', 'observable', 'observablevalue'],
  ...['signal', 'signalvalue', 'hash', 'hashes', 'hashvalue', 'hashdigest', 'filehash', 'digest', 'c2', 'c2server'],
];
const TYPE_COLUMN_WORDS = [
  ...['type', 'signaltype', 'indicatortype', 'ioctype', 'observabletype', 'hashtype', 'valuetype'],
  ...['algorithm', 'hashalgorithm', 'algo'],
];
const QUALITY_WORDS = ['quality', 'pdqquality', 'hashquality'];
const TLP_WORDS = ['tlp', 'tlplabel', 'tlplevel', 'tlpcolor', 'tlpcolour', 'trafficlightprotocol', 'sharelevel'];
const MARKING_WORDS = [
  ...['marking', 'markings', 'classification', 'securityclassification', 'protectivemarking', 'caveat', 'caveats'],
  ...['handling', 'handlingcaveats', 'dissemination', 'releasability', 'releasableto', 'relto', 'pap'],
];
const TAG_WORDS = ['tag', 'tags', 'label', 'labels', 'attributetag', 'eventtag', 'objecttag', 'keywords'];
const DISTRIBUTION_WORDS = ['distribution', 'eventdistribution', 'attributedistribution', 'objectdistribution'];
const TO_IDS_WORDS = ['toids', 'ids', 'attributetoids'];
const DELETED_WORDS = ['deleted', 'isdeleted', 'revoked', 'withdrawn'];

const IGNORED_WORDS: ReadonlyMap<string, IgnoredKind> = new Map([
  ...['ip', 'ipaddress', 'ipaddr', 'ipv4', 'ipv4addr', 'ipsubnet', 'ipdst', 'ipsrc', 'ipport', 'ipv4port'].map(
    (word) => [word, 'ipv4-addr'] as const,
  ),
  ...['ipv6', 'ipv6addr'].map((word) => [word, 'ipv6-addr'] as const),
  ...['email', 'emailaddr', 'emailaddress'].map((word) => [word, 'email-addr'] as const),
  ...['asn', 'autonomoussystem'].map((word) => [word, 'autonomous-system'] as const),
  ...['filename', 'filepath'].map((word) => [word, 'file-name'] as const),
]);

const TYPE_OF_WORD: ReadonlyMap<string, SignalType> = new Map(
  (Object.keys(TYPE_WORDS) as SignalType[]).flatMap((type) => TYPE_WORDS[type].map((word) => [word, type] as const)),
);

const ROLE_OF_WORD: ReadonlyMap<string, Role> = new Map<string, Role>([
  ...[...TYPE_OF_WORD].map(([word, type]) => [word, { role: 'value', type }] as const),
  ...VALUE_WORDS.map((word) => [word, { role: 'value' }] as const),
  ...TYPE_COLUMN_WORDS.map((word) => [word, { role: 'type' }] as const),
  ...QUALITY_WORDS.map((word) => [word, { role: 'quality' }] as const),
  ...DELETED_WORDS.map((word) => [word, { role: 'deleted' }] as const),
  ...TLP_WORDS.map((word) => [word, { role: 'tlp' }] as const),
  ...MARKING_WORDS.map((word) => [word, { role: 'marking' }] as const),
  ...TAG_WORDS.map((word) => [word, { role: 'tags' }] as const),
  ...DISTRIBUTION_WORDS.map((word) => [word, { role: 'distribution' }] as const),
  ...TO_IDS_WORDS.map((word) => [word, { role: 'to-ids' }] as const),
]);

/** A name as it is compared: `SHA-256 Hash`, `sha256_hash` and `Sha256Hash` are the same. */
export function wordOf(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}

/** A name as it is repeated to the sender: short, and nothing in it that could not be stored or shown. */
export function shownName(name: string): string {
  return name.trim().slice(0, 60).replace(/\p{C}/gu, '\ufffd');
}

/** The role of a column or key by its name; undefined for names that are passed over. */
export function roleOf(name: string): Role | undefined {
  return ROLE_OF_WORD.get(wordOf(name));
}

/** The signal type, or the ignored kind, that a word in a type column means. */
export function meaningOfType(word: string): { type: SignalType } | { ignored: IgnoredKind } | undefined {
  const compared = wordOf(word);
  const type = TYPE_OF_WORD.get(compared);
  if (type) return { type };
  const ignored = IGNORED_WORDS.get(compared);
  return ignored && { ignored };
}

/** Whether a distribution of MISP (its number or its words) is the one without limit. */
export function isWidestDistribution(said: string): boolean {
  return /^(?:3|all(?: communities)?)$/i.test(said.trim());
}

/** Whether a `to_ids` of MISP says that the value is there for context and not for detection. */
export function isNotForDetection(said: string): boolean {
  return /^(?:0|false|no|n)$/i.test(said.trim());
}

/** Every name that the lists know, for the manual and for refusals. */
export const KNOWN_COLUMNS: readonly string[] = [
  ...Object.keys(TYPE_WORDS),
  ...['value', 'indicator', 'hash', 'type', 'algorithm', 'quality', 'tlp', 'tags', 'to_ids', 'deleted'],
];
