import type { ByteSource, CandidateSignal } from '../format.js';
import { stix21 } from './stix21.js';

/**
 * The signals that one object of STIX names, by itself.
 * @returns whether the object has versions of its own, and its signals; none where it names none or cannot be read
 */
export async function signalsOfStixObject(
  object: Uint8Array,
): Promise<{ isVersioned: boolean; signals: CandidateSignal[] }> {
  const source: ByteSource = {
    size: object.length,
    async *open(from = 0) {
      yield await Promise.resolve(object.subarray(from));
    },
  };
  for await (const { items } of stix21.read(source, { batchSize: 1 })) {
    for (const item of items)
      if (item.kind === 'candidate') return { isVersioned: item.objectRef !== undefined, signals: item.signals };
  }
  return { isVersioned: false, signals: [] };
}
