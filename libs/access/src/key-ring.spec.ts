import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey } from './key-files.js';
import { KeyRing } from './key-ring.js';
import { seal, unseal } from './seal.js';

const DAY = 86_400_000;
const bytes = (fill: number): string => Buffer.alloc(32, fill).toString('base64');

describe('the keys of one purpose', () => {
  const realNow = Date.now;
  let folder: string;
  let now: number;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-keys-'));
    now = Date.parse('2026-11-01T00:00:00Z');
    Date.now = () => now;
  });

  afterEach(() => {
    Date.now = realNow;
    rmSync(folder, { recursive: true, force: true });
  });

  const make = (days = 0): string => createKey(folder, 'endpoint-secrets', new Date(now + days * DAY));
  const open = (): KeyRing => KeyRing.open(folder, 'endpoint-secrets');
  const later = (milliseconds: number): void => void (now += milliseconds);

  it('are not there when there is no file', () => {
    expect(open).toThrow('there is no key for endpoint-secrets');
  });

  it('are rotated by adding a file: the newest seals, all open', () => {
    const first = make();
    const ring = open();
    const old = seal(ring, Buffer.from('text'), 'context');
    const second = make(1);
    expect(ring.newest().id).toBe(first);
    later(30_001);
    expect(ring.newest().id).toBe(second);
    expect(ring.all().map(({ id }) => id)).toEqual([second, first]);
    const fresh = seal(ring, Buffer.from('text'), 'context');
    expect(fresh.subarray(1, 1 + second.length).toString()).toBe(second);
    expect([old, fresh].map((sealed) => unseal(ring, sealed, 'context').toString())).toEqual(['text', 'text']);
    rmSync(join(folder, 'endpoint-secrets', `${first}.key`));
    later(30_001);
    expect(() => unseal(ring, old, 'context')).toThrow('the key of a sealed text is not there');
  });

  it('are looked for anew when an id is not known, though not more than once a second', () => {
    const first = make();
    const ring = open();
    const second = make(1);
    expect(ring.byId(second)).toBeUndefined();
    later(1000);
    expect(ring.byId(second)?.id).toBe(second);
    expect(ring.byId(first)?.id).toBe(first);
  });

  it('are read under flat names as well, where folders cannot be had', () => {
    writeFileSync(join(folder, 'endpoint-secrets.k1.key'), bytes(1));
    writeFileSync(join(folder, 'endpoint-secrets.k2.key'), `${bytes(2)}\n`);
    writeFileSync(join(folder, 'signal-id.k3.key'), bytes(3));
    writeFileSync(join(folder, 'endpoint-secrets.k4.key.old'), bytes(4));
    expect(open().all()).toEqual([
      { id: 'k2', bytes: Buffer.alloc(32, 2) },
      { id: 'k1', bytes: Buffer.alloc(32, 1) },
    ]);
  });

  it('stay known while a file is half written or the folder cannot be read', () => {
    const first = make();
    const ring = open();
    writeFileSync(join(folder, 'endpoint-secrets', 'k9.key'), bytes(9).slice(0, 10));
    later(30_001);
    expect(ring.all().map(({ id }) => id)).toEqual([first]);
    writeFileSync(join(folder, 'endpoint-secrets', 'k9.key'), bytes(9));
    later(30_001);
    expect(ring.all().map(({ id }) => id)).toEqual(['k9', first].sort().reverse());
    rmSync(join(folder, 'endpoint-secrets'), { recursive: true });
    later(30_001);
    expect(ring.all()).toHaveLength(2);
  });

  it('are refused at the start when a file is no key, without its bytes being told', () => {
    writeFileSync(join(folder, 'endpoint-secrets.k1.key'), 'c2hvcnQ=');
    expect(open).toThrow('the key k1 for endpoint-secrets is not 32 bytes');
  });
});
