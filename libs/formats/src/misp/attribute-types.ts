import type { SignalType } from '#libs/domain';

/** Which part of a value in two parts is meant. */
type Part = 'whole' | 'first' | 'second';

const SIGNAL_OF_TYPE: ReadonlyMap<string, { type: SignalType; part: Part }> = new Map<
  string,
  { type: SignalType; part: Part }
>([
  ...(['md5', 'sha1', 'sha256', 'sha512'] as const).flatMap((type) => [
    [type, { type, part: 'whole' as const }] as const,
    [`filename|${type}`, { type, part: 'second' as const }] as const,
  ]),
  ['url', { type: 'url', part: 'whole' }],
  ['uri', { type: 'url', part: 'whole' }],
  ['link', { type: 'url', part: 'whole' }],
  ['domain', { type: 'domain', part: 'whole' }],
  ['hostname', { type: 'domain', part: 'whole' }],
  ['domain|ip', { type: 'domain', part: 'first' }],
  ['hostname|port', { type: 'domain', part: 'first' }],
]);

/** Types that are told as they are when they are passed over; all others are one kind. */
const TOLD_TYPES: ReadonlySet<string> = new Set([
  ...[
    'ip-src',
    'ip-dst',
    'ip-src|port',
    'ip-dst|port',
    'email-src',
    'email-dst',
    'email-subject',
    'filename',
    'regkey',
  ],
  ...['text', 'comment', 'other', 'mutex', 'user-agent', 'ssdeep', 'imphash', 'authentihash', 'yara', 'snort', 'sigma'],
  ...['btc', 'xmr', 'phone-number', 'AS', 'vulnerability', 'datetime', 'port', 'pdb', 'malware-sample', 'attachment'],
]);

/** The signal that an attribute of a type is, as type and the text of its value; undefined where it is none. */
export function signalTextOf(type: string, value: string): { type: SignalType; text: string } | undefined {
  const meaning = SIGNAL_OF_TYPE.get(type);
  if (!meaning) return undefined;
  const bar = value.lastIndexOf('|');
  if (meaning.part === 'whole' || bar < 0) return { type: meaning.type, text: value.trim() };
  return { type: meaning.type, text: (meaning.part === 'first' ? value.slice(0, bar) : value.slice(bar + 1)).trim() };
}

/** The kind under which an attribute of a type is counted that carries no signal. */
export function kindOfType(type: string): string {
  return TOLD_TYPES.has(type) ? type : 'other-attribute';
}
