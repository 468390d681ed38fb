import { readFileSync } from 'node:fs';
import { canonicalise } from '#libs/domain';
import { EVADED_LISTS, EVASIONS, PUBLISHED } from '../../test/evasions.js';
import { ProtectedLists } from './protected-lists.js';

const lists = new ProtectedLists(EVADED_LISTS.map((list) => ({ ...list, entries: [...list.entries] })));

/** Whether a spelling is refused as no value of its type, holds the item, or goes out. */
function endOf(type: 'url' | 'domain', value: string): 'refused' | 'held' | 'published' {
  const canonical = canonicalise(type, value);
  if (!canonical.ok) return 'refused';
  return (type === 'url' ? lists.hitUrl(canonical.value) : lists.hitDomain(canonical.value)) ? 'held' : 'published';
}

describe('ways round the protected lists', () => {
  const tries = EVASIONS.flatMap(({ kind, tries: all }) => all.map(([type, value]) => [kind, type, value] as const));

  it.each(tries)('%s: %s %s is caught', (_, type, value) => {
    expect(endOf(type, value)).not.toBe('published');
  });

  it.each(PUBLISHED)('%s %s is no hit', (type, value) => {
    expect(endOf(type, value)).toBe('published');
  });

  it('are told in the table of docs/safeguards.md', () => {
    const page = readFileSync(new URL('../../../../docs/safeguards.md', import.meta.url), 'utf8');
    const told = [...page.matchAll(/^\| (.+?) +\| +(\d+) +\| +(\d+) +\| +(\d+) +\|$/gm)].map((row) => row.slice(1));
    const counted = EVASIONS.map(({ kind, tries: all }) => {
      const ends = all.map(([type, value]) => endOf(type, value));
      const count = (end: string): string => String(ends.filter((each) => each === end).length);
      return [kind, String(all.length), count('refused'), count('held')];
    });
    expect(told).toEqual(counted);
  });
});
