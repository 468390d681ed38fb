import { refused, type SignalTypeDefinition } from './signal-type.js';

const SHORTEST = 16;
const LONGEST = 4096;

/**
 * A hash whose making is its owner's secret: it is carried as it was written, and neither computed nor compared here.
 * White space around it and line breaks within do not count; the case of its letters does.
 */
export function opaqueHash<const Id extends string>(id: Id): SignalTypeDefinition<Id> {
  return {
    id,
    canonicalise: (raw) => {
      if (raw.length > 2 * LONGEST) return refused('too-long', `a ${id} value has at most ${LONGEST} characters`);
      const value = raw.replace(/\s+/g, '');
      if (value.length > LONGEST) return refused('too-long', `a ${id} value has at most ${LONGEST} characters`);
      if (value.length < SHORTEST) return refused('hash-length', `a ${id} value has at least ${SHORTEST} characters`);
      if (!/^[A-Za-z0-9+/_=:-]+$/.test(value))
        return refused('hash-alphabet', `a ${id} value is written in Base64 or hexadecimal`);
      return { ok: true, value };
    },
  };
}
