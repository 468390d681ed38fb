/** No control characters, no line ends, nothing that turns the direction of what follows. */
const NOT_IN_LINE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** Tabs and line ends are part of a text of several lines. */
const NOT_IN_TEXT = /(?![\t\n\r])\p{Cc}/u;

function isSaid(text: unknown, forbidden: RegExp): text is string {
  return typeof text === 'string' && text.trim() !== '' && text.isWellFormed() && !forbidden.test(text);
}

/** Whether something is a line that can be stored, sent and shown anywhere as it is. */
export function isReleasableLine(text: unknown): text is string {
  return isSaid(text, NOT_IN_LINE);
}

/** The same of a text that may have several lines. */
export function isReleasableText(text: unknown): text is string {
  return isSaid(text, NOT_IN_TEXT);
}
