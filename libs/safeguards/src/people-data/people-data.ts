import type { Bulletin, Country, Statement } from '#libs/domain';
import type { Safeguard, SafeguardRule } from '../safeguard.js';
import { findPeopleData, type PeopleDataKind } from './find-people-data.js';

const IN_TEXT = {
  id: 'people-data',
  version: 2,
  does: 'hold',
  says: 'Holds releasable text in which something may identify a person, until it is cut or confirmed.',
} as const satisfies SafeguardRule;

/** A text that platforms would receive, and what it is called in the interface. */
type NamedText = readonly [field: string, text: string | undefined];

/** A name of an entity is a name: only what else could be in it is looked for. */
const NAMES_ARE_MEANT = 'entity';

function textsOf(statement: Statement, bulletin: Bulletin | undefined): NamedText[] {
  return [
    ['legal_basis', statement.legalBasis],
    [NAMES_ARE_MEANT, statement.entity?.name],
    ...statement.unlawfulIn.map(({ provision }): NamedText => ['unlawful_in', provision]),
    ...(statement.entity?.designations ?? []).map(({ list }): NamedText => ['designations', list]),
    ['bulletin.title', bulletin?.title],
    ['bulletin.what_is_happening', bulletin?.whatIsHappening],
    ['bulletin.how_to_recognise', bulletin?.howToRecognise],
    ['bulletin.what_to_do', bulletin?.whatToDo],
  ];
}

function foundIn([field, text]: NamedText, country: Country | undefined): string[] {
  if (text === undefined) return [];
  const counts = (kind: PeopleDataKind): boolean => !(field === NAMES_ARE_MEANT && kind === 'name');
  return findPeopleData(text, country)
    .filter(counts)
    .map((kind) => `${field}: ${kind}`);
}

/** People's data: what identifies a person does not leave unseen (I7). The hold names fields and kinds, never the text. */
export const peopleDataSafeguard: Safeguard = {
  id: 'people-data',
  rules: [IN_TEXT],
  judgeStatement(statement, _facts, bulletin) {
    const found = textsOf(statement, bulletin).flatMap((text) => foundIn(text, statement.jurisdiction));
    if (found.length === 0) return undefined;
    return { ruling: 'hold', rule: IN_TEXT, reason: 'people-data', detail: { found: [...new Set(found)].sort() } };
  },
};
