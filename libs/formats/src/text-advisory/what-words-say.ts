/** What a heading, a label or the head of a column says about the values under, behind or below it. */
export interface Said {
  /** Kinds of value that it announces as indicators. */
  announces?: 'hosts' | 'urls' | 'both';
  /** Why a value in plain text beside it is none. */
  denies?: 'reference' | 'benign' | 'victim' | 'email-addr' | 'file-name';
  /** A digest beside it is not of the content of a file. */
  isNoContentDigest?: boolean;
  /** A digest of 64 digits beside it is a PDQ hash. */
  isPdq?: boolean;
}

/** Longest text that is taken for a heading or a label, in characters. */
export const LONGEST_WORDS = 160;

const PDQ = /\bpdq\b/i;
const NO_CONTENT_DIGEST = new RegExp(
  String.raw`\b(?:thumb-?prints?|finger-?prints?|serial(?: (?:no|number))?|certificates?|certs?|imp-?hash|imp hash|ja3s?|jarm|tlsh|ssdeep|vhash|authentihash|telfhash|pehash|rich (?:pe )?(?:header )?hash|icon hash|favicon(?: hash)?|commits?|revision|git|uuid|guid|transactions?|txid|tx|wallets?|bitcoin|btc|ethereum|eth|monero|xmr|pgp|gpg|(?:api|public|private|session|encryption|aes|rc4|xor) ?keys?|key ?id|tokens?|cookie|etag|passwords?|ssh|build id|bot ?id|campaign id)\b`,
  'i',
);
/** Of these a heading speaks too; of the others it may be a word about what the files under it do. */
const NO_CONTENT_SECTION =
  /\b(?:thumb-?prints?|certificates?|imp-?hash(?:es)?|ja3s?|jarm|tlsh|ssdeep|commits?|wallets?|transactions?)\b/i;
const BENIGN =
  /\b(?:legitimate|legit|benign|clean|goodware|white-?list(?:ed)?|allow-?list(?:ed)?|false positives?|(?:non|not)[- ]malicious)\b/i;
const NOT_SO_BENIGN =
  /\b(?:abus\w*|compromis\w*|mimic\w*|impersonat\w*|spoof\w*|fake\w*|typosquat\w*|masquerad\w*|imitat\w*|look-?alikes?|pos(?:e|ing) as|pretend\w*)\b/i;
const VICTIM = /\b(?:targett?(?:s|ed|ing)?|victims?|affected|harvest\w*|impersonated|spoofed|imitated|mimicked)\b/i;
const EMAIL =
  /^(?:(?:sender|contact|reply|from|to|cc|our|the)\W+)?e-?mail(?:s|\W+address(?:es)?)?$|^(?:from|to|cc|reply-to|sender|return-path|message-id)$/i;
const FILE =
  /\b(?:file ?names?|files?|paths?|folders?|mutex(?:es)?|registry|process(?:es)?|modules?|packages?|class(?:es)?|detections?(?: names?)?|signatures?|locations?|commands?|command line|libraries|imports|namespaces?)\b/i;
const REFERENCE_FIRST =
  /^\W*(?:references?|sources?|ref|see(?: also)?|read(?: more)?|credits?|contacts?|further reading|more info(?:rmation)?|bibliography|about)\b/i;
const REFERENCE =
  /\b(?:references?|sources?|links?|further reading|read more|more info(?:rmation)?|see also|bibliography|reports?|blog ?posts?|blogs?|articles?|papers?|news|credits?|contacts?|web ?sites?|home ?page|web|press|acknowledge?ments?|licen[cs]e|resources?|documentation|guidance|mitigations?|recommendations?|tools?|publications?)\b/i;
const ILL =
  /\b(?:malicious|phish\w*|smish\w*|scam\w*|fraud\w*|c2s?|c&cs?|c&amp;c|cnc|command(?: and |-and-| ?& ?)control|malware|indicators?|iocs?|ioc['\u2019]s|attackers?|adversar(?:y|ies)|terror\w*|extremis\w*|propaganda|hosting|downloads?|payloads?|exfil\w*|droppers?|infrastructure|violent|abuse material|suspicious|rogue|observables?|mirrors?)\b/i;
const HOSTS =
  /\b(?:domains?|domain names?|hosts?|hostnames?|fqdns?|servers?|onions?|infrastructure|networks?|c2s?|c&cs?|c&amp;c|cnc|command(?: and |-and-| ?& ?)control|indicators?|iocs?|ioc['\u2019]s|observables?)\b/i;
const URLS =
  /\b(?:urls?|uris?|onions?|c2s?|c&cs?|c&amp;c|cnc|command(?: and |-and-| ?& ?)control|indicators?|iocs?|ioc['\u2019]s|observables?)\b/i;
const PLACES = /\b(?:links?|sites?|web ?sites?|pages?|address(?:es)?|channels?|mirrors?|posts?|videos?|uploads?)\b/i;

/**
 * What a few words say. By rules that can be measured: lists of words, the first that decides. Words that call a thing
 * malicious are stronger than words of references, unless the text begins with those; what it calls legitimate or
 * a target is no indicator.
 * @param isHeading whether they speak of a whole section
 * @param words at most {@link LONGEST_WORDS} characters are looked at
 */
export function whatWordsSay(words: string, isHeading = false): Said {
  const text = words
    .slice(0, LONGEST_WORDS)
    .replace(/[*_`#]+/g, ' ')
    .trim();
  if (text === '') return {};
  const said: Said = {};
  if (PDQ.test(text)) said.isPdq = true;
  if ((isHeading ? NO_CONTENT_SECTION : NO_CONTENT_DIGEST).test(text)) said.isNoContentDigest = true;
  const denies = denialOf(text);
  if (denies) return { ...said, denies };
  const ill = ILL.test(text);
  const hosts = HOSTS.test(text);
  const urls = URLS.test(text) || (ill && PLACES.test(text));
  if (hosts || urls) return { ...said, announces: hosts && urls ? 'both' : hosts ? 'hosts' : 'urls' };
  return FILE.test(text) ? { ...said, denies: 'file-name' } : said;
}

function denialOf(text: string): Said['denies'] {
  if (EMAIL.test(text)) return 'email-addr';
  if (BENIGN.test(text) && !NOT_SO_BENIGN.test(text)) return 'benign';
  if (VICTIM.test(text) && !NOT_SO_BENIGN.test(text.replace(/\b\w+ed\b/gi, ''))) return 'victim';
  if (REFERENCE_FIRST.test(text) || (REFERENCE.test(text) && !ILL.test(text))) return 'reference';
  return undefined;
}
