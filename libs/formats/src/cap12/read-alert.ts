import { createHash } from 'node:crypto';
import {
  BULLETIN_TEXT_LIMIT,
  isReleasableLine,
  isReleasableText,
  rejection,
  TocsinError,
  type Bulletin,
  type RejectionCode,
  type RetractionReason,
  type Severity,
  type StatementDraft,
} from '#libs/domain';
import type { DeclaredAdvisory, ReadItem } from '../format.js';
import { childrenOf, textOf, type XmlElement } from '../xml/xml-element.js';

/** CAP 1.2, and 1.1, which differs in nothing that is read here. */
const NAMESPACES = new Set(['urn:oasis:names:tc:emergency:cap:1.2', 'urn:oasis:names:tc:emergency:cap:1.1']);
const STATUSES = ['Actual', 'Exercise', 'System', 'Test', 'Draft'];
const MESSAGE_TYPES = ['Alert', 'Update', 'Cancel', 'Ack', 'Error'];
const SCOPES = ['Public', 'Restricted', 'Private'];
const SEVERITIES: Readonly<Record<string, Severity>> = {
  Extreme: 'extreme',
  Severe: 'severe',
  Moderate: 'moderate',
  Minor: 'minor',
  Unknown: 'unknown',
};
const TITLE_LIMIT = 300;
/** CAP 1.2, section 3.3.2: no fraction, and UTC is written `-00:00`; the letter Z is not allowed. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d$/;
const EARLIEST = Date.UTC(1990, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);
/** Section 3.2.1: neither white space, commas nor restricted characters. */
const NAME = /^[^\s,<&]{1,300}$/u;
const LANGUAGE = /^[a-z]{2,3}(?:-[a-z0-9]{2,8}){0,3}$/i;
const DEFAULT_LANGUAGE = 'en-US';
const MOST_REFERENCES = 1000;
/** Why the alerts that a message refers to are taken back. */
const TAKES_BACK: Readonly<Record<string, RetractionReason>> = {
  Update: 'superseded',
  Cancel: 'no-longer-needed',
  Error: 'issued-in-error',
};

const wrong = (code: RejectionCode, detail: string): TocsinError => rejection(code, detail);

function wordOf(element: XmlElement, name: string, words: readonly string[]): string {
  const said = textOf(element, name);
  if (said === undefined) throw wrong('TOC_ITEM_MALFORMED', `${name}: missing`);
  if (!words.includes(said)) throw wrong('TOC_ITEM_VOCABULARY', `${name}: one of ${words.join(', ')} was expected`);
  return said;
}

function momentOf(text: string | undefined, name: string): string | undefined {
  if (text === undefined) return undefined;
  const time = DATE_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (!(time >= EARLIEST && time < LATEST))
    throw wrong('TOC_ITEM_TIME', `${name}: a time as in 2026-01-05T10:00:00-00:00 was expected`);
  return new Date(time).toISOString();
}

/** What an alert is known by: all three of it. Nobody can tell from the ref what they were. */
function refOf(sender: string, identifier: string, sent: string): string {
  const digest = createHash('sha256').update([sender, identifier, sent].join(',')).digest('hex');
  return `cap-alert--${digest}`;
}

/** The refs of the alerts that a message refers to: `sender,identifier,sent` with white space between them. */
function referencesOf(alert: XmlElement): string[] {
  const triples = (textOf(alert, 'references') ?? '').split(/\s+/).filter((triple) => triple !== '');
  if (triples.length > MOST_REFERENCES)
    throw wrong('TOC_ITEM_TOO_LONG', `references: at most ${MOST_REFERENCES} are read`);
  return triples.map((triple) => {
    const [sender = '', identifier = '', sent, ...more] = triple.split(',');
    if (!NAME.test(sender) || !NAME.test(identifier) || !sent || more.length > 0)
      throw wrong('TOC_ITEM_MALFORMED', 'references: sender,identifier,sent was expected');
    return refOf(sender, identifier, momentOf(sent, 'references') ?? sent);
  });
}

/** A text of several lines as it can be shown; undefined when there is none. */
function wordsOf(info: XmlElement, name: string): string | undefined {
  const text = textOf(info, name)
    ?.split('\n')
    .map((line) => line.trim())
    .join('\n');
  if (text === undefined) return undefined;
  if (!isReleasableText(text)) throw wrong('TOC_ITEM_MALFORMED', `${name}: it holds characters that cannot be shown`);
  return text;
}

function titleOf(info: XmlElement): string {
  const title = (textOf(info, 'headline') ?? textOf(info, 'event') ?? '').replace(/\s+/g, ' ');
  if (!isReleasableLine(title)) throw wrong('TOC_ITEM_MALFORMED', 'headline: it holds characters that cannot be shown');
  if (title.length > TITLE_LIMIT) throw wrong('TOC_ITEM_TOO_LONG', `headline: more than ${TITLE_LIMIT} characters`);
  return title;
}

const languageOf = (info: XmlElement): string => textOf(info, 'language') ?? DEFAULT_LANGUAGE;

/** The same field of every language, each introduced by its language where there are several. */
function inAllLanguages(infos: readonly XmlElement[], name: string): string | undefined {
  const several = new Set(infos.map(languageOf)).size > 1;
  const texts = infos.flatMap((info) => {
    const words = wordsOf(info, name);
    return words === undefined ? [] : [several ? `[${languageOf(info)}]\n${words}` : words];
  });
  const text = [...new Set(texts)].join('\n\n');
  if (text.length > BULLETIN_TEXT_LIMIT)
    throw wrong('TOC_ITEM_TOO_LONG', `${name}: more than ${BULLETIN_TEXT_LIMIT} characters in all languages`);
  return text === '' ? undefined : text;
}

function checkInfo(info: XmlElement): void {
  for (const name of ['category', 'event', 'urgency', 'certainty'])
    if (textOf(info, name) === undefined) throw wrong('TOC_ITEM_MALFORMED', `info.${name}: missing`);
  wordOf(info, 'severity', Object.keys(SEVERITIES));
  if (!LANGUAGE.test(languageOf(info))) throw wrong('TOC_ITEM_MALFORMED', 'language: a language tag was expected');
  for (const name of ['effective', 'onset', 'expires']) momentOf(textOf(info, name), name);
}

/** What all the languages of an alert say together: the highest severity, and valid until the last expires. */
function draftOf(infos: readonly XmlElement[]): StatementDraft {
  const order = Object.keys(SEVERITIES);
  const severities = infos.map((info) => textOf(info, 'severity') ?? 'Unknown');
  const [highest = 'Unknown'] = severities.sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const ends = infos.map((info) => momentOf(textOf(info, 'expires'), 'expires'));
  const last = ends.every((end) => end !== undefined) ? [...ends].sort().at(-1) : undefined;
  const [first] = infos;
  return {
    severity: SEVERITIES[highest],
    ...(first ? { language: languageOf(first) } : {}),
    ...(last === undefined ? {} : { validUntil: last }),
  };
}

function bulletinOf(first: XmlElement, infos: readonly XmlElement[]): Bulletin {
  return {
    title: titleOf(first),
    whatIsHappening: inAllLanguages(infos, 'description'),
    whatToDo: inAllLanguages(infos, 'instruction'),
  };
}

/** What an alert says, once it is known to be one. @throws a rejection of the alert */
function sayings(alert: XmlElement): { advisories: DeclaredAdvisory[]; ends: string } {
  if (!NAMESPACES.has(alert.uri)) throw wrong('TOC_ITEM_MALFORMED', 'the alert is neither of CAP 1.2 nor of 1.1');
  const sender = textOf(alert, 'sender') ?? '';
  const identifier = textOf(alert, 'identifier') ?? '';
  if (!NAME.test(sender) || !NAME.test(identifier))
    throw wrong('TOC_ITEM_MALFORMED', 'sender, identifier: names without white space and commas were expected');
  const sent = momentOf(textOf(alert, 'sent'), 'sent');
  if (sent === undefined) throw wrong('TOC_ITEM_TIME', 'sent: missing');
  const status = wordOf(alert, 'status', STATUSES);
  const type = wordOf(alert, 'msgType', MESSAGE_TYPES);
  const scope = wordOf(alert, 'scope', SCOPES);
  const infos = childrenOf(alert, 'info');
  for (const info of infos) checkInfo(info);
  if (status !== 'Actual') return { advisories: [], ends: `status-${status.toLowerCase()}` };
  if (type === 'Ack') return { advisories: [], ends: 'acknowledgement' };
  if (scope !== 'Public')
    throw wrong('TOC_ITEM_MARKING', 'its scope is not public, and a restriction in words cannot be kept to');
  const references = referencesOf(alert);
  const retractionReason = TAKES_BACK[type];
  if (retractionReason && references.length === 0)
    throw wrong('TOC_ITEM_MALFORMED', `references: missing, and ${type} is about them`);
  const takenBack = retractionReason
    ? references.map((ref): DeclaredAdvisory => ({
        ...{ kind: 'advisory', ref, modified: sent, revoked: true },
        retractionReason,
      }))
    : [];
  if (type === 'Cancel' || type === 'Error') return { advisories: takenBack, ends: 'took-back' };
  // Information is optional in the standard; without any there is nothing to publish.
  const [first] = infos;
  if (!first) return { advisories: takenBack, ends: takenBack.length > 0 ? 'took-back' : 'no-information' };
  const own: DeclaredAdvisory = {
    ...{ kind: 'advisory', ref: refOf(sender, identifier, sent), modified: sent },
    ...{ draft: draftOf(infos), bulletin: bulletinOf(first, infos) },
  };
  return { advisories: [...takenBack, own], ends: 'told-in-bulletin' };
}

function* alertsIn(element: XmlElement): Iterable<XmlElement> {
  if (element.name === 'alert') yield element;
  else for (const child of element.children) yield* alertsIn(child);
}

/**
 * Everything that an alert, or an entry of a feed with alerts in it, says. Each alert counts as one item, which carries no
 * signal; an entry that only points to an alert too, since nothing is fetched.
 * @param before last position before it
 */
export function* itemsOfAlert(element: XmlElement | undefined, before: number): Iterable<ReadItem> {
  let position = before + 1;
  if (!element) {
    yield { kind: 'rejected', position, code: 'TOC_ITEM_TOO_LONG', detail: 'an alert is longer than its bound' };
    return;
  }
  const alerts = [...alertsIn(element)];
  if (alerts.length === 0) yield { kind: 'ignored', position, what: 'feed-entry' };
  for (const alert of alerts) {
    try {
      const { advisories, ends } = sayings(alert);
      yield* advisories;
      yield { kind: 'ignored', position, what: ends };
    } catch (thrown) {
      if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
      yield { kind: 'rejected', position, code: thrown.code as RejectionCode, detail: thrown.detail };
    }
    position += 1;
  }
}
