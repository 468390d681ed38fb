import { rulesById, SAFEGUARD_RULES, SAFEGUARDS } from './registry.js';
import type { Safeguard } from './safeguard.js';
import { readFileSync } from 'node:fs';

const safeguard = (id: string, ...rules: string[]): Safeguard => ({
  id,
  rules: rules.map((rule) => ({ id: rule, version: 1, does: 'hold', says: 'Holds.' })),
});

describe('the registry of rules', () => {
  it('refuses ids that are there already', () => {
    expect(rulesById([safeguard('a', 'one', 'two'), safeguard('b', 'three')]).size).toBe(3);
    expect(() => rulesById([safeguard('a', 'one'), safeguard('b', 'one')])).toThrow('two rules');
    expect(() => rulesById([safeguard('a', 'one', 'one')])).toThrow('two rules');
    expect(() => rulesById([safeguard('a', 'one'), safeguard('a', 'two')])).toThrow('two safeguards');
  });

  it('has every rule under its id, with a version and a sentence', () => {
    expect(SAFEGUARDS.length).toBeGreaterThan(0);
    for (const [id, rule] of SAFEGUARD_RULES) {
      expect(rule.id).toBe(id);
      expect(id).toMatch(/^[a-z][a-z-]+$/);
      expect(Number.isInteger(rule.version) && rule.version > 0).toBe(true);
      expect(rule.says).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('is told as it is in docs/safeguards.md', () => {
    const page = readFileSync(new URL('../../../docs/safeguards.md', import.meta.url), 'utf8');
    const told = [...page.matchAll(/^\| `([a-z-]+)` +\| (\d+) +\| (holds|rejects|lowers|shortens) /gm)].map((row) =>
      row.slice(1),
    );
    const words = { hold: 'holds', reject: 'rejects', 'lower-ceiling': 'lowers', 'shorten-validity': 'shortens' };
    expect(told).toEqual(
      [...SAFEGUARD_RULES.values()].map(({ id, version, does }) => [id, String(version), words[does]]),
    );
  });
});
