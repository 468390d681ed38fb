import { refused, type SignalTypeDefinition } from './signal-type.js';

/** Longer texts are not looked at: no digest with white space around it is so long. */
const LONGEST_RAW = 1024;

/**
 * A signal type whose values are so many hexadecimal digits: white space around them and their case do not count, and
 * lower case is canonical.
 */
export function hexDigest<const Id extends string>(id: Id, digits: number): SignalTypeDefinition<Id> {
  return {
    id,
    canonicalise: (raw) => {
      // Lists of a million lines come here: what is canonical already is not copied.
      if (raw.length === digits && /^[0-9a-f]+$/.test(raw)) return { ok: true, value: raw };
      const trimmed = raw.length > LONGEST_RAW ? raw : raw.trim();
      if (trimmed.length !== digits) return refused('hash-length', `a ${id} value has ${digits} hexadecimal digits`);
      // Folded after the look at the alphabet: some other letters fold into it.
      if (!/^[0-9a-fA-F]+$/.test(trimmed)) return refused('hash-alphabet', `a ${id} value has hexadecimal digits only`);
      return { ok: true, value: trimmed.toLowerCase() };
    },
  };
}
