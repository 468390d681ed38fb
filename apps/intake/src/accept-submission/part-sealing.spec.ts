import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKey, KeyRing } from '#libs/access';
import { SubmissionKey } from './part-sealing.js';

describe('SubmissionKey', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-keys-'));
  createKey(folder, 'submission-wrapping', new Date('2026-01-01T00:00:00Z'));
  const ring = KeyRing.open(folder, 'submission-wrapping');
  const part = Buffer.from('one part');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('opens what it sealed, also after it was wrapped and a newer wrapping key came', () => {
    const key = SubmissionKey.make('s1');
    const sealed = key.seal(3, part);
    expect(sealed.includes(part)).toBe(false);
    const wrapped = key.wrap(ring);
    createKey(folder, 'submission-wrapping', new Date('2026-02-01T00:00:00Z'));
    const later = KeyRing.open(folder, 'submission-wrapping');
    expect(later.newest().id).not.toBe(wrapped.wrappingKeyId);
    expect(SubmissionKey.unwrap(later, 's1', wrapped).open(3, sealed)).toEqual(part);
  });

  it('is of no use for another part, another submission, or after it was destroyed', () => {
    const key = SubmissionKey.make('s1');
    const sealed = key.seal(0, part);
    const wrapped = key.wrap(ring);
    expect(() => key.open(1, sealed)).toThrow(/cannot be opened/);
    expect(() => SubmissionKey.unwrap(ring, 's2', wrapped)).toThrow(/cannot be opened/);
    expect(() => SubmissionKey.unwrap(ring, 's1', { ...wrapped, wrappingKeyId: 'gone' })).toThrow(/not there/);
    key.destroy();
    expect(() => key.open(0, sealed)).toThrow(/cannot be opened/);
  });

  it('seals with a key of its own each time', () => {
    const [one, two] = [SubmissionKey.make('s1'), SubmissionKey.make('s1')];
    expect(() => two.open(0, one.seal(0, part))).toThrow(/cannot be opened/);
  });
});
