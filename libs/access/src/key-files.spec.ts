import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey, createMissingKeys, handOutKeys } from './key-files.js';
import { INTERNAL_ISSUERS, KEY_PURPOSES, KEYS_OF_SERVICES, type KeyedService } from './key-purposes.js';
import { KeyRing } from './key-ring.js';

const NOW = new Date('2026-11-01T00:00:00Z');
const LATER = new Date('2026-11-02T00:00:00Z');
const SERVICES = Object.keys(KEYS_OF_SERVICES) as KeyedService[];

describe('the key files of a deployment', () => {
  let folder: string;
  let keys: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tocsin-keys-'));
    keys = join(folder, 'keys');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are made once for each purpose, for their owner only', () => {
    expect(createMissingKeys(keys, NOW)).toEqual([...KEY_PURPOSES]);
    expect(createMissingKeys(keys, LATER)).toEqual([]);
    for (const purpose of KEY_PURPOSES) {
      const [file = ''] = readdirSync(join(keys, purpose));
      expect(statSync(join(keys, purpose, file)).mode & 0o777).toBe(0o600);
      expect(KeyRing.open(keys, purpose).newest().bytes).toHaveLength(32);
    }
  });

  it('have a public half under the same id where a service is known by it, and nowhere else', () => {
    createMissingKeys(keys, NOW);
    const halves = readdirSync(keys).filter((name) => name.endsWith('.pub'));
    expect(halves.sort()).toEqual(INTERNAL_ISSUERS.map((issuer) => `internal-${issuer}.pub`).sort());
    for (const issuer of INTERNAL_ISSUERS) {
      const [own, known] = [KeyRing.open(keys, `internal-${issuer}`), KeyRing.open(keys, `internal-${issuer}.pub`)];
      expect(known.newest().id).toBe(own.newest().id);
      expect(known.newest().bytes).not.toEqual(own.newest().bytes);
    }
  });

  it.each(SERVICES)('are handed out to %s as far as it may have them', (service) => {
    createMissingKeys(keys, NOW);
    const target = join(folder, service);
    const names = handOutKeys(keys, service, target);
    expect(readdirSync(target).sort()).toEqual(names);
    const purposes = names.map((name) => name.replace(/\.[^.]+\.key$/, ''));
    expect(purposes).toEqual([...KEYS_OF_SERVICES[service]].sort());
    for (const purpose of KEYS_OF_SERVICES[service]) {
      expect(KeyRing.open(target, purpose).all()).toEqual(KeyRing.open(keys, purpose).all());
    }
  });

  it('are handed out anew after a rotation and after an old one was removed', () => {
    createMissingKeys(keys, NOW);
    const target = join(folder, 'intake');
    const [first] = handOutKeys(keys, 'intake', target).filter((name) => name.startsWith('submission-wrapping.'));
    const id = createKey(keys, 'submission-wrapping', LATER);
    expect(handOutKeys(keys, 'intake', target)).toEqual(
      expect.arrayContaining([first, `submission-wrapping.${id}.key`]),
    );
    rmSync(join(keys, 'submission-wrapping', String(first).replace('submission-wrapping.', '')));
    expect(handOutKeys(keys, 'intake', target)).not.toContain(first);
    expect(KeyRing.open(target, 'submission-wrapping').all()).toHaveLength(1);
  });

  it('never give the private key of one service to another', () => {
    for (const service of SERVICES) {
      const strange = KEYS_OF_SERVICES[service].filter(
        (purpose) => /^internal-[a-z]+$/.test(purpose) && purpose !== `internal-${service}`,
      );
      expect(strange).toEqual([]);
    }
  });
});
