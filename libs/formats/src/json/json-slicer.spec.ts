import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { TocsinError } from '#libs/domain';
import { byteSource, readAll } from '#libs/testing';
import { inspect } from './forbidden-matter.js';
import { JsonSlicer, type JsonSlice } from './json-slicer.js';
import { stix21 } from '../stix21/stix21.js';

const OBJECTS = { sliced: { array: 'objects' }, bareList: 'this is a list' };

function slice(document: string | Buffer, cuts: readonly number[] = [], limit = 1_000_000): JsonSlice[] {
  const bytes = Buffer.from(document);
  const slicer = new JsonSlicer({ ...OBJECTS, limit });
  const slices: JsonSlice[] = [];
  let from = 0;
  for (const cut of [...cuts.filter((at) => at < bytes.length).sort((a, b) => a - b), bytes.length]) {
    slices.push(...slicer.push(bytes.subarray(from, cut)));
    from = cut;
  }
  slicer.end();
  return slices;
}

function codeOf(document: string, cuts: readonly number[] = [], limit?: number): string | undefined {
  try {
    slice(document, cuts, limit);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof TocsinError) return thrown.code;
    throw thrown;
  }
}

const key = fc.oneof(fc.string(), fc.constantFrom('objects', 'type', '__proto__', '":{[', '\\'));
const tree = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2 },
    fc.jsonValue({ maxDepth: 0 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
})).value;

describe('cutting JSON', () => {
  it('gives the elements and members that a parser gives, however it is written and however it arrives', () => {
    fc.assert(
      fc.property(
        fc.array(tree, { maxLength: 5 }),
        fc.dictionary(key, tree, { maxKeys: 3 }),
        fc.constantFrom(undefined, 2, '\t'),
        fc.array(fc.nat(400)),
        (objects, others, space, cuts) => {
          const document = JSON.stringify({ ...others, objects }, undefined, space);
          const slices = slice(document, cuts);
          const elements = slices.filter(({ kind }) => kind === 'element');
          const parsed = JSON.parse(document) as Record<string, unknown>;
          const read = (bytes: Buffer | undefined): unknown => JSON.parse(bytes?.toString() ?? '');
          expect(elements.map(({ bytes }) => read(bytes))).toEqual(parsed['objects']);
          expect(elements.map(({ index }) => index)).toEqual(objects.map((_object, index) => index + 1));
          for (const { kind, key: name, bytes, keys, start, end } of slices) {
            expect(Buffer.from(document).subarray(start, end)).toEqual(bytes);
            expect(inspect(read(bytes)).keys).toBe(keys);
            if (kind === 'member') expect(read(bytes)).toEqual(parsed[name]);
          }
        },
      ),
    );
  });

  it('refuses what a parser refuses outside the slices', () => {
    for (const document of [
      '',
      '{',
      '{"a"}',
      '{"a":1,}',
      '{,}',
      '{"a":1 "b":2}',
      '{"objects":[1,]}',
      '{"objects":[,1]}',
      '{"objects":[1 2]}',
      '{a:1}',
      '{"a":}',
      '{"a":x}',
      '"a"',
      '{}{}',
      '{"a\\q":1}',
    ]) {
      expect({ document, code: codeOf(document) }).toEqual({ document, code: 'TOC_SUBMISSION_MALFORMED' });
    }
  });

  it('goes on behind an element', () => {
    const document = '{"objects":[{"a":1}, {"b":2}],"type":"bundle"}';
    const [first] = slice(document);
    const slicer = new JsonSlicer({ ...OBJECTS, limit: 100, after: { byte: first?.end ?? 0, index: 1 } });
    const rest = slicer.push(Buffer.from(document.slice(first?.end)));
    slicer.end();
    expect(rest.map(({ index, key: name, start, bytes }) => [index, name, start, bytes?.toString()])).toEqual([
      [2, 'objects', 21, '{"b":2}'],
      [2, 'type', 37, '"bundle"'],
    ]);
  });

  it('drops what is longer than the bound, and only that', () => {
    const document = `{"objects":[{"a":"${'x'.repeat(50)}"},{"b":2}]}`;
    for (const cuts of [[], [20], [20, 40, 60], Array.from({ length: 90 }, (_cut, at) => at)]) {
      expect(slice(document, cuts, 40).map(({ bytes }) => bytes?.toString())).toEqual([undefined, '{"b":2}']);
    }
    expect(() => slice(`{"${'k'.repeat(50)}":1}`, [20], 40)).toThrow(/key is too long/);
    expect(codeOf(`{"a":"${'x'.repeat(50)}"}`, [], 40)).toBe('TOC_SUBMISSION_TOO_LARGE');
  });
});

describe('the JSON test suite', () => {
  const folder = resolve('../shared/samples/hostile/nst_JSONTestSuite');
  const there = existsSync(folder);
  if (!there) process.stderr.write('formats: the JSON test suite is not here; not tried\n');
  const good = { type: 'url', id: 'url--3279c7de-8f91-5c1a-99d9-d6546c6c41f7', value: 'https://a.example/' };

  (there ? it : it.skip)('costs itself at most, or refuses the document, as an object among others', async () => {
    for (const name of readdirSync(folder)) {
      const document = Buffer.concat([
        Buffer.from('{"type":"bundle","objects":['),
        readFileSync(resolve(folder, name)),
        Buffer.from(`,${JSON.stringify(good)}]}`),
      ]);
      const { refused, items } = await readAll(stix21, byteSource(document));
      if (refused) {
        expect(refused).toBeInstanceOf(TocsinError);
        // A document with a byte order mark or a second document inside is not one document.
        expect({ name, wrong: !name.startsWith('y_') }).toEqual({ name, wrong: true });
        continue;
      }
      expect({ name, last: items.at(-1)?.kind }).toEqual({ name, last: 'candidate' });
      const isJson =
        (items.length === 2 && items[0]?.kind !== 'rejected') ||
        items.some((item) => 'detail' in item && item.detail !== 'the object is not JSON');
      if (name.startsWith('n_')) expect({ name, isJson }).toEqual({ name, isJson: false });
    }
  });
});
