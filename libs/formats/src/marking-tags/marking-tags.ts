import { readTlp, strictestTlp, type Tlp } from '#libs/domain';

/** What the tags of an item say about who may have it. */
export interface TagMarking {
  /** Labels of TLP, as written. */
  tlp: string[];
  /** Whether a tag limits it in a way that is no level of TLP. */
  isMarkedOtherwise: boolean;
}

/** Namespaces of machine tags (MISP taxonomies) that say a classification or a policy of sharing. */
const LIMITING = new Set([
  ...['classification', 'data-classification', 'nato', 'fr-classif', 'de-vs', 'euci', 'dni-ism', 'iep', 'iep2-policy'],
  ...['protective-marking', 'ais-marking', 'acs-marking'],
]);
/** Levels of the Permissible Actions Protocol under which a platform may act on what it is told. */
const PAP_OPEN = new Set(['clear', 'white', 'green']);
const TAG = /^"?\s*([a-z0-9][a-z0-9_-]*)\s*[:=]\s*"?\s*(.*?)\s*"?\s*$/i;

/**
 * Reads markings out of tags: `tlp:amber`, `PAP:RED`, `nato:classification="NS"`, `fr-classif:…`. What limits sharing in
 * another way than TLP cannot be kept to, so nobody may have the item. Other tags say nothing here.
 * @see MISP taxonomies tlp (version 10) and PAP
 */
export function markingOfTags(tags: readonly string[]): TagMarking {
  const tlp: string[] = [];
  let isMarkedOtherwise = false;
  for (const tag of tags) {
    const [, namespace = '', value = ''] = TAG.exec(tag.slice(0, 500)) ?? [];
    const scheme = namespace.toLowerCase();
    if (scheme === 'tlp') tlp.push(value);
    else if (scheme === 'pap') isMarkedOtherwise ||= !PAP_OPEN.has(value.toLowerCase());
    else if (LIMITING.has(scheme)) isMarkedOtherwise = true;
  }
  return { tlp, isMarkedOtherwise };
}

/**
 * The strictest of some labels of TLP.
 * @returns `unknown` when one is no label, so that nobody may have what it marks; undefined where there are none
 */
export function strictestLabel(labels: readonly string[]): Tlp | 'unknown' | undefined {
  let strictest: Tlp | undefined;
  for (const label of labels) {
    const tlp = readTlp(label);
    if (!tlp) return 'unknown';
    strictest = strictest ? strictestTlp(strictest, tlp) : tlp;
  }
  return strictest;
}

/** Tags in one cell or text, as spreadsheets and exports write them: parted by `,` `;` or `|`. */
export function tagsIn(text: string): string[] {
  return text
    .split(/[,;|]/)
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '');
}

/** Whether a text that is meant for something else holds a label of TLP all the same. */
export function tlpWithin(text: string): string[] {
  const found = text.match(/\btlp\s*[:=]\s*[a-z+]{1,20}/gi) ?? [];
  return found.map((label) => label.replace(/^tlp\s*[:=]\s*/i, '')).filter((label) => readTlp(label) !== undefined);
}
