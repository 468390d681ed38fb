import { existsSync, readFileSync } from 'node:fs';
import { FORMATS } from './registry.js';

const pages = new URL('../../../docs/formats/', import.meta.url);

describe('the manual of formats', () => {
  it('lists what the registry has', () => {
    const code = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');
    const submitted = [...FORMATS.values()].filter(({ isInternal }) => !isInternal);
    const rows = submitted.map(
      ({ id, title, mediaTypes, fileExtensions, positionUnit }) =>
        `| [\`${id}\`](${id}.md) | ${title} | ${code(mediaTypes)} | ${code(fileExtensions)} | ${positionUnit}s |`,
    );
    const page = readFileSync(new URL('README.md', pages), 'utf8');
    const lines = page.split('\n').filter((line) => line.startsWith('| [`'));
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual(rows);
  });

  it('has a page for each', () => {
    const submitted = [...FORMATS.values()].filter(({ isInternal }) => !isInternal);
    for (const { id } of submitted) expect(existsSync(new URL(`${id}.md`, pages))).toBe(true);
  });
});
