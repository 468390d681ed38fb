import { RowIds } from '#libs/domain';
import { randomBytes } from 'node:crypto';
import type { DecisionContext } from '../src/decide-items/decide-statement.js';
import { ItemDecider } from '../src/decide-items/item-decider.js';
import { DirectorySnapshot } from '../src/read-directory/directory-snapshot.js';
import { ProtectedLists } from '#libs/safeguards';

/*
 * What it costs to decide about an item: hashes, which come by the million, and URLs. After a build:
 * node dist/apps/normaliser/bench/decide-items.js [items]
 */
const ITEMS = Number(process.argv[2] ?? '1000000');
const ROUNDS = 5;
const LISTED = 2000;

const hosts = (name: string): string[] => Array.from({ length: LISTED }, (_, index) => `${name}-${index}.example`);
const lists = new ProtectedLists([
  { id: 'news', title: 'News', version: 1, judges: 'any-hit', entries: hosts('news') },
  { id: 'popular', title: 'Popular', version: 1, judges: 'whole-host', entries: hosts('popular') },
  { id: 'digests', title: 'Digests', version: 1, judges: 'digest', entries: ['e3b0c44298fc1c149afbf4c8996fb924'] },
]);
const agency = {
  id: 'agency',
  name: 'Agency',
  country: 'NZ',
  desks: [{ id: 'desk', name: 'Desk' }],
  defaults: {},
  defaultChannels: ['everyone'],
  permittedLists: new Set<string>(),
  signalsADay: null,
  reviewOneIn: 0,
};
const channel = {
  id: 'everyone',
  title: 'Everyone',
  audience: {},
  highestTlp: 'amber+strict',
  priority: 'ordinary',
  drill: false,
  open: true,
} as const;

function contextOf(harm: string): DecisionContext {
  return {
    directory: new DirectorySnapshot(new Map([['agency', agency]]), new Map(), new Map([['everyone', channel]]), {
      protectedLists: lists,
    }),
    agency,
    spoken: {
      harms: [harm],
      context: 'perpetrator-produced',
      cseaClass: 'A1',
      cseaVerification: 'verified-twice',
      legalBasis: 'Example Act',
      nature: 'information',
      validFor: 30,
      contactDesk: 'desk',
      marking: { tlp: 'green' },
    },
    released: new Set(),
    rowIds: new RowIds(Buffer.alloc(32)),
    drill: false,
    askFirst: false,
    receivedAt: new Date(),
    highestTlp: 'amber+strict',
  };
}

function measure(what: string, harm: string, type: 'sha256' | 'url', valueOf: (index: number) => string): void {
  const values = Array.from({ length: ITEMS }, (_, index) => valueOf(index));
  const micros = Array.from({ length: ROUNDS }, () => {
    const decider = new ItemDecider(contextOf(harm));
    let asserted = 0;
    const begin = process.hrtime.bigint();
    for (let position = 0; position < ITEMS; position += 1) {
      const signals = [{ type, value: values[position] ?? '' }];
      if (decider.decide({ kind: 'candidate', position, signals }).verdict === 'assert') asserted += 1;
    }
    const took = Number(process.hrtime.bigint() - begin) / 1000 / ITEMS;
    if (asserted !== ITEMS) throw new Error(`${ITEMS - asserted} items were not asserted`);
    return took;
  });
  const sorted = micros.sort((a, b) => a - b);
  process.stdout.write(`${what}: ${sorted[0]?.toFixed(3)}–${sorted.at(-1)?.toFixed(3)} µs an item\n`);
}

const sha256 = (): string => randomBytes(32).toString('hex');
measure('TVEC, SHA-256', 'tvec', 'sha256', sha256);
measure('CSEA, SHA-256', 'csea', 'sha256', sha256);
measure(
  'TVEC, URL',
  'tvec',
  'url',
  (index) => `https://host-${index % 50_000}.video.example/watch/clip.html?v=${index}`,
);
