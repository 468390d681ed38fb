import { readFileSync } from 'node:fs';
import { formatById } from '#libs/formats';
import { CONTAINERS } from './registry.js';

const page = readFileSync(new URL('../../../docs/formats/containers.md', import.meta.url), 'utf8');

describe('the manual of containers', () => {
  it('lists what the registry has', () => {
    const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');
    const rows = CONTAINERS.map(
      ({ id, title, mediaTypes, fileExtensions }) =>
        `| \`${id}\` | ${title} | ${code(mediaTypes)} | ${code(fileExtensions)} |`,
    );
    const [table = ''] = page.split('<!-- end -->');
    const lines = table.split('\n').filter((line) => line.startsWith('| `'));
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual(rows);
  });

  it('has names that are no names of formats', () => {
    const ids = CONTAINERS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(() => formatById(id)).toThrow('there is no format of that id');
  });
});
