/** National and international levels reduced to the five that agreements between states line up, lowest first. */
export const CLASSIFICATION_LEVELS = ['unclassified', 'restricted', 'confidential', 'secret', 'top-secret'] as const;
export type ClassificationLevel = (typeof CLASSIFICATION_LEVELS)[number];

/** Whether a level is above another. */
export function isAbove(level: ClassificationLevel, highest: ClassificationLevel): boolean {
  return CLASSIFICATION_LEVELS.indexOf(level) > CLASSIFICATION_LEVELS.indexOf(highest);
}

/**
 * Words that states and organisations print at head and foot of a page, upper case and without accents, by the level
 * that tables of equivalence give them (NATO, EU, United States, Five Eyes, and agencies of Europe).
 */
const WORDS: Record<ClassificationLevel, readonly string[]> = {
  unclassified: ['UNCLASSIFIED', 'OFFICIAL', 'OPEN', 'UNMARKED', 'PUBLIC', 'CUI', 'CONTROLLED'],
  restricted: [
    'RESTRICTED',
    'OFFICIAL-SENSITIVE',
    'OFFICIAL SENSITIVE',
    'OFFICIAL: SENSITIVE',
    'PROTECTED A',
    'RESTREINT UE',
    'RESTREINT',
    'DIFFUSION RESTREINTE',
    'VS-NUR FUR DEN DIENSTGEBRAUCH',
    'VS-NFD',
    'RISERVATO',
    'DIFUSION LIMITADA',
    'DEPARTEMENTAAL VERTROUWELIJK',
    'DEP. VERTROUWELIJK',
    'ZASTRZEZONE',
    'BEGRENSET',
    'BEGRANSAT HEMLIG',
    'TIL TJENESTEBRUG',
  ],
  confidential: [
    'CONFIDENTIAL',
    'PROTECTED',
    'PROTECTED B',
    'CONFIDENTIEL',
    'CONFIDENTIEL UE',
    'CONFIDENTIEL DEFENSE',
    'VS-VERTRAULICH',
    'RISERVATISSIMO',
    'CONFIDENCIAL',
    'STG. CONFIDENTIEEL',
    'POUFNE',
    'KONFIDENSIELT',
    'KONFIDENTIELL',
    'FORTROLIGT',
  ],
  secret: [
    'SECRET',
    'PROTECTED C',
    'SECRET UE',
    'SECRET DEFENSE',
    'GEHEIM',
    'SEGRETO',
    'RESERVADO',
    'STG. GEHEIM',
    'TAJNE',
    'HEMMELIG',
    'HEMMELIGT',
    'HEMLIG',
  ],
  'top-secret': [
    'TOP SECRET',
    'COSMIC TOP SECRET',
    'TRES SECRET',
    'TRES SECRET UE',
    'TRES SECRET DEFENSE',
    'STRENG GEHEIM',
    'SEGRETISSIMO',
    'SECRETO',
    'STG. ZEER GEHEIM',
    'SCISLE TAJNE',
    'STRENGT HEMMELIG',
    'YDERST HEMMELIGT',
    'KVALIFICERAT HEMLIG',
  ],
};

const LEVEL_OF_WORD = new Map(
  CLASSIFICATION_LEVELS.flatMap((level) => WORDS[level].map((word): [string, ClassificationLevel] => [word, level])),
);

/** Abbreviations of portion marks and short banners (CAPCO; NATO with its N and C). */
const LEVEL_OF_ABBREVIATION = new Map<string, ClassificationLevel>([
  ['U', 'unclassified'],
  ['NU', 'unclassified'],
  ['R', 'restricted'],
  ['NR', 'restricted'],
  ['C', 'confidential'],
  ['NC', 'confidential'],
  ['S', 'secret'],
  ['NS', 'secret'],
  ['TS', 'top-secret'],
  ['CTS', 'top-secret'],
]);

/** Trigraphs of states whose name stands in front of a level or behind it. */
const STATES =
  'ALB AUS AUT BEL BGR CAN CHE CYP CZE DEU DNK ESP EST FIN FRA GBR GRC HRV HUN IRL ISL ISR ITA JPN KOR LTU LUX LVA MKD MLT MNE NLD NOR NZL POL PRT ROU SVK SVN SWE TUR UKR USA'
    .split(' ')
    .join('|');

/** Whose classification it is, in front of the word: `NATO SECRET`, `UK SECRET`, `JOINT SECRET`, `//GBR SECRET`. */
const OWNERS = `NATO|EU|UE|UN|UK|US|JOINT|FVEY|${STATES}`;
const OWNER = new RegExp(`^(?:${OWNERS}) `);
/** `JOINT SECRET CAN GBR USA` names its owners behind. */
const OWNERS_BEHIND = new RegExp(`(?: (?:${STATES}))+$`);

/** The level of a word, alone or with its owners, or of `SECRET UE/EU SECRET`, which says it in two languages. */
function levelOfName(name: string): ClassificationLevel | undefined {
  const word = name.replace(/^(.+ UE)\/EU .+$/, '$1');
  return (
    LEVEL_OF_WORD.get(word) ??
    LEVEL_OF_WORD.get(word.replace(OWNER, '')) ??
    LEVEL_OF_WORD.get(word.replace(OWNER, '').replace(OWNERS_BEHIND, ''))
  );
}

/** The first two letters of everything that {@link readClassification} reads in capitals, as indexes. */
const BEGINNINGS = new Uint8Array(65_536);
for (const word of [
  ...LEVEL_OF_WORD.keys(),
  ...[...LEVEL_OF_ABBREVIATION.keys()].map((letters) => `${letters}//`),
  ...OWNERS.split('|'),
  '//',
]) {
  BEGINNINGS[word.charCodeAt(0) * 256 + word.charCodeAt(1)] = 1;
}

/** Whether a classification in capitals may begin with two characters; a table, because it is asked at every line. */
export function mayBeginClassification(first: number, second: number): boolean {
  return BEGINNINGS[first * 256 + second] === 1;
}

function plain(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ').trim().toUpperCase();
}

/** What may follow a level: `//SI//NOFORN`, ` REL TO USA, GBR`, ` - EYES ONLY`. */
const CAVEATS = /^(?:\s?\/\/\s?|\s[-–]\s|\s(?=REL TO |EYES ONLY|NOFORN|ORCON|UNTIL ))[A-Z0-9 ,.:/()–-]+$/;
/** What may follow an abbreviation; `S-400` is no mark. */
const SHORT_CAVEATS = /^\/\/[A-Z0-9 ,/.-]+$/;

/** A level that was read, and whether caveats followed it, which makes a mistake unlikely. */
export interface ReadLevel {
  level: ClassificationLevel;
  hasCaveats: boolean;
}

const LONGEST = 200;

/**
 * Reads a classification in any usual spelling: `SECRET`, `TOP SECRET//SI//NOFORN`, `NATO RESTRICTED`, `TS//SI`.
 * @returns undefined unless the whole text is one
 */
export function readClassification(text: string): ReadLevel | undefined {
  if (text.length > LONGEST) return undefined;
  const said = plain(text).replace(/^\/\/ ?/, '');
  // The longest level that the text begins with, so that TOP SECRET is not read as TOP.
  for (let length = said.length; length > 0; length -= 1) {
    const rest = said.slice(length);
    const name = said.slice(0, length);
    const level = rest === '' || CAVEATS.test(rest) ? levelOfName(name) : undefined;
    const short = rest === '' || SHORT_CAVEATS.test(rest) ? LEVEL_OF_ABBREVIATION.get(name) : undefined;
    const read = level ?? short;
    if (read) return { level: read, hasCaveats: rest !== '' };
  }
  return undefined;
}

/** Reads what stands between the brackets of a portion mark: `S`, `TS//SI/TK//NF`, `//GBR S`. */
export function readPortion(text: string): ReadLevel | undefined {
  const said = text.replace(/^\/\//, '').replace(OWNER, '');
  const [head = '', ...caveats] = said.split('//');
  const level = LEVEL_OF_ABBREVIATION.get(head.trim());
  return level && { level, hasCaveats: caveats.length > 0 || text.startsWith('//') };
}
