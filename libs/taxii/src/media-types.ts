/** What TAXII 2.1 answers and takes (section 1.6.8.2). */
export const TAXII_MEDIA_TYPE = 'application/taxii+json;version=2.1';
/** What objects are written in. */
export const STIX_MEDIA_TYPE = 'application/stix+json;version=2.1';

interface MediaRange {
  type: string;
  parameters: ReadonlyMap<string, string>;
}

/** Text in quotes holds what separates outside of them. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let part = '';
  let isQuoted = false;
  for (const character of text) {
    if (character === '"') isQuoted = !isQuoted;
    if (character === separator && !isQuoted) {
      parts.push(part.trim());
      part = '';
    } else part += character;
  }
  return [...parts, part.trim()];
}

function readRange(text: string): MediaRange {
  const [type = '', ...rest] = split(text, ';');
  const parameters = rest.map((part) => {
    const at = part.indexOf('=');
    const name = at < 0 ? part : part.slice(0, at);
    return [
      name.trim().toLowerCase(),
      at < 0
        ? ''
        : part
            .slice(at + 1)
            .trim()
            .replaceAll('"', ''),
    ] as const;
  });
  return { type: type.toLowerCase(), parameters: new Map(parameters) };
}

/** Without a version the newest is meant. */
function isOurVersion({ parameters }: MediaRange): boolean {
  const version = parameters.get('version');
  return version === undefined || version === '2.1';
}

/** Types by which a client asks for what is given here: the standard's own, and what clients send in their place. */
const ACCEPTED = new Set([
  'application/taxii+json',
  'application/stix+json',
  'application/json',
  'application/*',
  '*/*',
]);

/**
 * Whether a client takes what is given here (RFC 9110, section 12.5.1). One that does not say takes anything; a range
 * without a version is satisfied; any range of a list is enough.
 */
export function accepts(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return split(accept, ',').some((text) => {
    const range = readRange(text);
    const weight = Number(range.parameters.get('q') ?? '1');
    return ACCEPTED.has(range.type) && isOurVersion(range) && weight !== 0;
  });
}

/** Whether a body says that it is an envelope of TAXII 2.1; what is not one is answered 415. */
export function isEnvelope(contentType: string | undefined): boolean {
  const range = readRange(contentType ?? '');
  return range.type === 'application/taxii+json' && isOurVersion(range);
}
