import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatById, type ByteSource } from '../src/index.js';

/*
 * Reads a long document of each format, each in a process of its own, and says how fast it went and what it needed.
 * After a build: node dist/libs/formats/bench/throughput.js [items] [format …]; with `json` as the first format, an object a line. The bench
 * of the whole exchange calls it (`npm run bench -- --only formats`).
 */
const [asked = '1000000', ...words] = process.argv.slice(2);
const AS_JSON = words[0] === 'json';
const ITEMS = Number(asked);

function digits(length: number, seed: number): string {
  let state = Math.imul(seed, 2_654_435_761) >>> 0;
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += state.toString(16).padStart(8, '0');
  }
  return text.slice(0, length);
}

function indicator(item: number): string {
  const id = digits(32, item);
  return JSON.stringify({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-8${id.slice(17, 20)}-${id.slice(20)}`,
    created: '2026-01-01T00:00:00.000Z',
    modified: '2026-01-01T00:00:00.000Z',
    name: `number ${item}`,
    description: 'some words that nobody will read, about what was seen and where, and by whom',
    indicator_types: ['malicious-activity'],
    pattern: `[file:hashes.'SHA-256' = '${digits(64, item)}']`,
    pattern_type: 'stix',
    valid_from: '2026-01-01T00:00:00Z',
    valid_until: '2026-12-01T00:00:00Z',
    object_marking_refs: ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb'],
  });
}

/** One attribute of MISP, with what its export says of each. */
function attribute(item: number): object {
  const id = digits(32, item);
  return {
    ...{ id: String(item), type: 'sha256', category: 'Payload delivery', to_ids: true, timestamp: '1767607200' },
    ...{ uuid: `${id.slice(0, 8)}-${id.slice(8, 12)}-4${id.slice(13, 16)}-8${id.slice(17, 20)}-${id.slice(20)}` },
    ...{ comment: 'some words that nobody will read', distribution: '5', deleted: false, object_relation: null },
    ...{ value: digits(64, item), Tag: [{ name: 'tlp:green' }] },
  };
}

/** One alert of CAP with two languages. */
function alert(item: number): string {
  const info = (language: string): string =>
    `<info><language>${language}</language><category>Security</category><event>Attack</event><urgency>Immediate</urgency><severity>Extreme</severity><certainty>Observed</certainty><expires>2026-12-01T00:00:00-00:00</expires><headline>Number ${item}</headline><description>What was seen, and where, and what to look for.</description></info>`;
  return `<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>${item}</identifier><sender>duty@agency.example</sender><sent>2026-01-05T10:00:00-00:00</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>${info('en')}${info('fr')}</alert>`;
}

function hashEntry(item: number): string {
  return `<image><member id="7">A member</member><timestamp>2026-01-05T10:00:00Z</timestamp><id>image-${item}</id><classification>A1</classification><fingerprints><md5>${digits(32, item)}</md5><sha1>${digits(40, item)}</sha1></fingerprints></image>`;
}

interface Document {
  format: string;
  item: (item: number) => string;
  before?: string;
  between?: string;
  after?: string;
}

const DOCUMENTS: Readonly<Record<string, Document>> = {
  'value-list': { format: 'value-list', item: (item) => digits(64, item) },
  'value-list, URLs': { format: 'value-list', item: (item) => `https://video.example/watch/${digits(16, item)}?a=1` },
  'csv-list': {
    format: 'csv-list',
    before: 'md5,sha1,sha256,first seen,name\n',
    item: (item) => `${digits(32, item)},${digits(40, item)},${digits(64, item)},2026-01-01T00:00:00Z,file ${item}`,
  },
  'csv-list, quoted': {
    format: 'csv-list',
    before: 'sha256,first seen,name\n',
    item: (item) => `"${digits(64, item)}","2026-01-01T00:00:00Z","some ""file"", ${item}"`,
  },
  'ndjson-list': {
    format: 'ndjson-list',
    item: (item) => `{"type":"sha256","value":"${digits(64, item)}","id":${item}}`,
  },
  text: {
    format: 'text',
    before: 'TLP:GREEN\n\n# Advisory\n\nWhat was seen, and where, is told below, line by line.\n\n',
    item: (item) =>
      `On the first day it was at hxxps://video[.]example/watch/${digits(16, item)}, as ${digits(64, item)}, and elsewhere.`,
  },
  misp: {
    format: 'misp',
    before: '{"response":[\n',
    item: (item) => JSON.stringify({ Event: { info: 'x', distribution: '3', Tag: [], Attribute: [attribute(item)] } }),
    between: ',\n',
    after: ']}',
  },
  cap12: { format: 'cap12', before: '<alerts>\n', item: alert, after: '</alerts>' },
  'ncmec-hash-list': {
    format: 'ncmec-hash-list',
    before: '<queryResult xmlns="https://hashsharing.ncmec.org/hashsharing/v2"><images count="1">\n',
    item: hashEntry,
    after: '</images></queryResult>',
  },
  'tat-hash-list': {
    format: 'tat-hash-list',
    before: '[\n',
    item: (item) =>
      `{"hash_digest":"${digits(32, item)}","algorithm":"MD5","ideology":"far-right","file_type":"image/jpeg","deleted":false,"updated_on":1767607200.7,"created_on":"2026-01-04","id":${item}}`,
    between: ',\n',
    after: ']',
  },
  stix21: {
    format: 'stix21',
    before: '{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[\n',
    item: indicator,
    between: ',\n',
    after: ']}',
  },
};

function write(file: string, { item, before = '', between = '\n', after = '' }: Document): void {
  const target = openSync(file, 'w');
  let text = before;
  for (let number = 0; number < ITEMS; number += 1) {
    text += (number === 0 ? '' : between) + item(number);
    if (text.length > 1_000_000) {
      writeSync(target, text);
      text = '';
    }
  }
  writeSync(target, text + after);
  closeSync(target);
}

/** Pieces as intake hands them out. */
function fileSource(file: string): ByteSource {
  return {
    size: statSync(file).size,
    // eslint-disable-next-line @typescript-eslint/require-await -- the port is asynchronous, a file read here is not
    async *open(fromByte = 0) {
      const source = openSync(file, 'r');
      try {
        for (let at = fromByte; ;) {
          const piece = Buffer.allocUnsafe(1024 * 1024);
          const length = readSync(source, piece, 0, piece.length, at);
          if (length === 0) return;
          at += length;
          yield piece.subarray(0, length);
        }
      } finally {
        closeSync(source);
      }
    },
  };
}

async function measure(name: string, id: string, file: string): Promise<string> {
  const source = fileSource(file);
  const cpu = process.cpuUsage();
  const started = performance.now();
  let items = 0;
  for await (const batch of formatById(id).read(source, { batchSize: 1000 })) items += batch.items.length;
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const megabytes = source.size / 1e6;
  if (AS_JSON) {
    const peakMegabytes = process.resourceUsage().maxRSS / 1e3;
    return JSON.stringify({
      name,
      itemsASecond: items / seconds,
      megabytesASecond: megabytes / seconds,
      peakMegabytes,
    });
  }
  const columns = [
    name.padEnd(18),
    `${Math.round(items / seconds).toLocaleString('en')} items/s`.padStart(20),
    `${(megabytes / seconds).toFixed(1)} MB/s`.padStart(12),
    `${megabytes.toFixed(0)} MB`.padStart(9),
    `CPU ${((user + system) / 1e6).toFixed(1)} s`.padStart(12),
    `peak RSS ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)} MB`.padStart(18),
  ];
  return columns.join('');
}

function measureAll(only: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), 'formats-'));
  try {
    for (const [name, document] of Object.entries(DOCUMENTS)) {
      if (only.length > 0 && !only.includes(document.format)) continue;
      const file = join(folder, 'document');
      write(file, document);
      const script = [
        ...process.execArgv,
        process.argv[1] ?? '',
        asked,
        ...(AS_JSON ? ['json'] : []),
        'read',
        name,
        document.format,
        file,
      ];
      execFileSync(process.execPath, script, { stdio: 'inherit' });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const [word, name = '', id = '', file = ''] = AS_JSON ? words.slice(1) : words;
if (word === 'read') process.stdout.write(`${await measure(name, id, file)}\n`);
else measureAll(AS_JSON ? words.slice(1) : words);
