import fc from 'fast-check';
import { ContainedIds } from './contained-ids.js';

describe('the containers of ids', () => {
  it('are those that were added, whatever is added', () => {
    const few = fc.constantFrom('00000000-0000-4000-8000-000000000001', 'ffffffff-ffff-4fff-bfff-ffffffffffff');
    const id = fc
      .tuple(fc.constantFrom('file', 'url', 'indicator'), fc.oneof(few, fc.uuid()))
      .map((parts) => parts.join('--'));
    fc.assert(
      fc.property(fc.array(fc.tuple(id, fc.nat(5)), { maxLength: 60 }), fc.array(id), (added, others) => {
        const ids = new ContainedIds();
        const expected = new Map<string, Set<number>>();
        for (const [name, container] of added) {
          ids.add(name, container);
          expected.set(name, (expected.get(name) ?? new Set()).add(container));
        }
        for (const name of [...expected.keys(), ...others]) {
          expect(ids.containersOf(name).sort()).toEqual([...(expected.get(name) ?? [])].sort());
        }
      }),
    );
  });

  it('are found among many', () => {
    const ids = new ContainedIds();
    const name = (number: number): string => `url--00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
    for (let number = 0; number < 50_000; number += 1) ids.add(name(number), number % 7);
    ids.add(name(1), 3);
    expect(ids.containersOf(name(1))).toEqual([1, 3]);
    for (let number = 2; number < 50_000; number += 997) expect(ids.containersOf(name(number))).toEqual([number % 7]);
    expect(ids.containersOf(name(50_000))).toEqual([]);
  });
});
