import type { Command } from 'commander';
import { Refusal } from '../call-exchange/exchange-api.js';

/** Options that say what a submission says beside its document, by parameter. */
const STATEMENT_OPTIONS = [
  ['format', 'format of the document'],
  ['channels', 'channels, separated by commas'],
  ['harm', 'tvec, csea, or a finer word below'],
  ['context', 'content context'],
  ['csea-class', 'material class (CSEA)'],
  ['csea-verification', 'how often it was verified (CSEA)'],
  ['confidence', '0 to 100'],
  ['severity', 'unknown, minor, moderate, severe, extreme'],
  ['ceiling', 'log, review, limit, block'],
  ['legal-basis', 'the provision relied on'],
  ['nature', 'information, referral, order-notice'],
  ['origin', 'where it comes from'],
  ['surface', 'public or hosted'],
  ['valid-from', 'ISO 8601'],
  ['valid-until', 'ISO 8601'],
  ['valid-for', 'days'],
  ['last-seen-live-at', 'ISO 8601'],
  ['jurisdiction', 'country'],
  ['language', 'BCP 47'],
  ['contact-desk', 'id of a registered desk'],
  ['tlp', 'clear, green, amber, amber+strict, red'],
  ['releasable-to', 'countries, separated by commas'],
  ['caveats', 'tokens, separated by commas'],
  ['audience', 'match-only, named-staff, reviewers'],
  ['signal-type', 'type of bare values'],
  ['columns', 'the columns of a table, as value=NAME,type=NAME,quality=NAME'],
  ['delimiter', 'column delimiter, one character'],
] as const;

/** Adds the options to a command. */
export function withStatementOptions(command: Command): Command {
  for (const [name, description] of STATEMENT_OPTIONS) command.option(`--${name} <value>`, description);
  return command
    .option('--ask-first', 'others who assert something about the same signals wait until you were asked')
    .option('--drill', 'an exercise: only drill channels carry it')
    .option('--parameters <file>', 'a JSON file with any parameters, the bulletin included');
}

/** The columns as an option names them, in the words of the interface; JSON stays as it is. */
export function readColumns(text: string): string {
  if (text.startsWith('{')) return text;
  const pairs = text.split(',').map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw new Refusal({ status: 0, detail: 'Columns are written as value=NAME,type=NAME,quality=NAME.' });
    return [pair.slice(0, at).trim(), pair.slice(at + 1)];
  });
  return JSON.stringify(Object.fromEntries(pairs));
}

/** Parameters from the options given, in the words of the interface. */
export function parametersOf(given: Record<string, unknown>): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name] of STATEMENT_OPTIONS) {
    const value = given[name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
    if (typeof value === 'string')
      parameters[name.replaceAll('-', '_')] = name === 'columns' ? readColumns(value) : value;
  }
  if (given.drill === true) parameters.drill = 'true';
  if (given.askFirst === true) parameters.ask_first = 'true';
  return parameters;
}
