import { byteSource, readAll } from '#libs/testing';
import { textAdvisory } from './text-advisory.js';

/** What each line with a signal is marked with, or why nobody may have it. */
async function marksOf(text: string): Promise<string[]> {
  const { items } = await readAll(textAdvisory, byteSource(text));
  return items.map((item) =>
    item.kind === 'candidate' ? (item.draft?.marking?.tlp ?? 'none') : item.kind === 'rejected' ? item.code : item.kind,
  );
}

const A = 'It calls a[.]example.org.';
const B = 'It calls b[.]example.org.';

describe('the whole document is marked by', () => {
  it.each([
    ['a line at the head', `TLP:GREEN\n\n${A}`, ['green']],
    ['a line in any dress', `**[TLP:AMBER+STRICT]**\n\n${A}`, ['amber+strict']],
    ['a line that says what it is', `Classification: TLP AMBER\n${A}`, ['amber']],
    ['the words in full', `Traffic Light Protocol: Red\n${A}`, ['red']],
    ['a label that ends a title', `Advisory 7 / TLP:AMBER\n\n${A}`, ['amber']],
    ['the label of another version', `TLP:WHITE\n${A}`, ['clear']],
    ['a line at the foot', `${A}\n\n${B}\n\nTLP:RED - page 1 of 2\n`, ['red', 'red']],
    ['the strictest of several', `TLP:GREEN\n${A}\n\f\nTLP:AMBER\n${B}`, ['amber', 'amber']],
    ['a field', `TLP: amber\nDate: 2026-01-01\n${A}`, ['amber']],
    ['a label that nobody knows', `TLP:PURPLE\n${A}\n${B}`, ['TOC_ITEM_MARKING', 'TOC_ITEM_MARKING']],
    ['a marking of another kind', `Handling: EXAMPLE EYES\n${A}`, ['TOC_ITEM_MARKING']],
  ])('%s', async (_what, text, expected) => {
    expect(await marksOf(text)).toEqual(expected);
  });
});

describe('a part is marked by', () => {
  it.each([
    ['a label before its words', `TLP:GREEN\n\n${A}\n\n(TLP:AMBER) ${B}`, ['green', 'amber']],
    ['a label that is laxer, which changes nothing', `TLP:AMBER\n\n(TLP:CLEAR) ${A}`, ['amber']],
    ['a label in the line', `${A} (TLP:RED)\n${B}`, ['red', 'none']],
    ['a label of its paragraph', `TLP:GREEN\n\n[TLP:AMBER] These are\n${A}\n\n${B}`, ['amber', 'green']],
    ['a label of its heading', `# X\n\n${A}\n\n## More (TLP:RED)\n\n${B}\n\n## Rest\n\n${A}`, ['none', 'red', 'none']],
    ['one that nobody knows', `${A}\n\n(TLP:PURPLE) ${B}`, ['none', 'TOC_ITEM_MARKING']],
  ])('%s', async (_what, text, expected) => {
    expect(await marksOf(text)).toEqual(expected);
  });
});

it('is not marked by what a sentence says of labels', async () => {
  const text = `${A}\n\nWhat TLP: the Traffic Light Protocol means, and when a source may say TLP:RED, is explained elsewhere.\n\n${B}`;
  expect(await marksOf(text)).toEqual(['none', 'none']);
});
