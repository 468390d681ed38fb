import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readDefaultLists } from './default-lists.js';

describe('the committed default lists', () => {
  const lists = readDefaultLists();
  const entriesOf = (id: string): string[] => lists.find((list) => list.id === id)?.entries ?? [];

  it('are in canonical form, sorted, and each entry stands once', () => {
    const raw = JSON.parse(readFileSync(new URL('./default-lists.json', import.meta.url), 'utf8')) as typeof lists;
    expect(lists.map(({ id }) => id)).toEqual([
      'benign-digests',
      'emergency-services',
      'encyclopaedias',
      'link-shorteners',
      'news-and-archives',
      'popular-hosts',
    ]);
    expect(raw.map(({ entries }) => entries)).toEqual(lists.map(({ entries }) => entries));
    const hosts = lists.filter(({ judges }) => judges !== 'digest').flatMap(({ entries }) => entries);
    expect(new Set(hosts).size).toBe(hosts.length);
    expect(hosts.length).toBeGreaterThan(400);
  });

  it('hold the digests of the empty file and of a single line end', () => {
    const digests = ['', '\n'].flatMap((content) =>
      ['md5', 'sha1', 'sha256', 'sha512'].map((name) => createHash(name).update(content).digest('hex')),
    );
    expect(entriesOf('benign-digests')).toEqual(digests.sort());
  });

  it('judge every hit, but of popular hosts only the whole', () => {
    expect(lists.map(({ judges }) => judges)).toEqual([
      'digest',
      'any-hit',
      'any-hit',
      'any-hit',
      'any-hit',
      'whole-host',
    ]);
    expect(entriesOf('news-and-archives')).toEqual(
      expect.arrayContaining(['reuters.com', 'syrianarchive.org', 'archive.org']),
    );
    expect(entriesOf('popular-hosts')).toEqual(expect.arrayContaining(['youtube.com', 'github.com']));
    expect(entriesOf('encyclopaedias')).toContain('wikipedia.org');
    expect(entriesOf('link-shorteners')).toContain('bit.ly');
    expect(entriesOf('emergency-services')).toContain('redcross.org');
  });
});
