import { byteSource, describeFormat, readAll, type Reading } from '#libs/testing';
import type { ReadOptions } from '../format.js';
import { ndjsonList } from './ndjson-list.js';

const sha256 = (number: number): string => number.toString(16).padStart(64, '0');

describeFormat(ndjsonList, {
  *many(items) {
    for (let from = 0; from < items; from += 3_000) {
      const lines = Array.from({ length: Math.min(3_000, items - from) }, (_item, index) => from + index);
      yield lines.map((line) => `{"type":"sha256","value":"${sha256(line)}","id":${line}}\n`).join('');
    }
  },
  endless: `{"value":"${sha256(1)}"}\n{"value":"`,
});

const read = (document: string, options?: Partial<ReadOptions>): Promise<Reading> =>
  readAll(ndjsonList, byteSource(document), options);

describe('a list of JSON objects', () => {
  it('finds labels of TLP in tags and in keys that it does not know, and passes over what is not for detection', async () => {
    const lines = [
      '{"value":"a.example","tags":["tlp:amber","x"],"distribution":3}',
      '{"value":"b.example","note":{"of":"TLP:AMBER+STRICT only"},"to_ids":true}',
      '{"value":"c.example","to_ids":false}',
    ];
    const { items } = await read(lines.join('\n'));
    expect(items).toEqual([
      expect.objectContaining({ draft: { marking: { tlp: 'amber' } } }),
      expect.objectContaining({ draft: { marking: { tlp: 'amber+strict' } } }),
      { kind: 'ignored', position: 3, what: 'not-for-detection' },
    ]);
  });

  it('takes a label of TLP into what is said of the line', async () => {
    const { items } = await read(`{"value":"a.example","tlp":"TLP:GREEN","caveats":[],"marking":null}\n`);
    expect(items).toEqual([expect.objectContaining({ draft: { marking: { tlp: 'green' } } })]);
  });

  it.each([
    ['not JSON', '{"value":', 'TOC_ITEM_MALFORMED'],
    ['an array', '["value"]', 'TOC_ITEM_MALFORMED'],
    ['a key said twice', `{"value":"${sha256(1)}","value":"${sha256(2)}"}`, 'TOC_ITEM_DUPLICATE_KEY'],
    [
      'a key said twice, once with escapes',
      `{"value":"${sha256(1)}","v\\u0061lue":"${sha256(2)}"}`,
      'TOC_ITEM_DUPLICATE_KEY',
    ],
    ['a key said twice inside', '{"value":"a.example","x":{"y":1,"y":2}}', 'TOC_ITEM_DUPLICATE_KEY'],
    ['nested too deeply', `{"value":"a.example","x":${'['.repeat(9)}${']'.repeat(9)}}`, 'TOC_ITEM_MALFORMED'],
    ['without a value', '{"type":"md5"}', 'TOC_ITEM_VALUE'],
    ['with a number for a value', '{"value":7}', 'TOC_ITEM_MALFORMED'],
    ['of a type that nobody knows', '{"value":"a.example","type":"colour"}', 'TOC_ITEM_TYPE'],
    ['distributed to its own organisation alone', '{"value":"a.example","distribution":"0"}', 'TOC_ITEM_MARKING'],
    ['marked by a tag', '{"value":"a.example","Tag":[{"name":"PAP:AMBER"}]}', 'TOC_ITEM_MARKING'],
    ['marked with what is no label of TLP', '{"value":"a.example","tlp":"violet"}', 'TOC_ITEM_MARKING'],
    ['marked otherwise', '{"value":"a.example","releasable_to":["FR"]}', 'TOC_ITEM_MARKING'],
    ['with a quality of 200', `{"pdq":"${sha256(1)}","quality":200}`, 'TOC_ITEM_VALUE'],
  ])('rejects a line that is %s', async (_what, line, code) => {
    const { items } = await read(`${line}\n{"value":"b.example"}\n`);
    expect(items).toEqual([
      expect.objectContaining({ position: 1, code }),
      { kind: 'candidate', position: 2, signals: [{ type: 'domain', value: 'b.example' }] },
    ]);
  });

  it('takes colons and braces in texts for what they are', async () => {
    const { items } = await read('{"value":"https://a.example/{}:1","note":"a\\\\","x":"\\":"}\n');
    expect(items).toEqual([expect.objectContaining({ kind: 'candidate' })]);
  });

  it('carries the quality of a perceptual hash, as a number or as digits', async () => {
    const { items } = await read(
      `{"pdq":"${sha256(1)}","quality":49}\n{"type":"PDQ","hash":"${sha256(2)}","quality":"100"}\n`,
    );
    expect(items.flatMap((item) => (item.kind === 'candidate' ? item.signals : []))).toEqual([
      { type: 'pdq', value: sha256(1), quality: 49 },
      { type: 'pdq', value: sha256(2), quality: 100 },
    ]);
  });

  it('reads the keys that the submission names', async () => {
    const { items } = await read(`{"value":"not this","the hash":"${sha256(1)}","kind":"SHA256"}\n`, {
      columns: { value: 'the hash', type: 'kind' },
    });
    expect(items).toEqual([{ kind: 'candidate', position: 1, signals: [{ type: 'sha256', value: sha256(1) }] }]);
  });

  it('counts an address that is no signal as ignored', async () => {
    const { items } = await read('{"type":"ip","value":"192.0.2.1"}\n{"value":"a@b.example"}\n');
    expect(items).toEqual([
      { kind: 'ignored', position: 1, what: 'ipv4-addr' },
      { kind: 'ignored', position: 2, what: 'email-addr' },
    ]);
  });
});
