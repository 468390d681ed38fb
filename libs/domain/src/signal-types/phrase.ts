import { refused, type Canonical, type SignalTypeDefinition } from './signal-type.js';

const SHORTEST = 3;
const LONGEST = 200;
const LONGEST_RAW = 2048;
/** What is no text that people write, or turns the direction of what follows. */
const UNWRITTEN = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\u202a-\u202e\u2066-\u2069]/u;

function canonicalise(raw: string): Canonical {
  if (raw.length > LONGEST_RAW) return refused('too-long', `a phrase has at most ${LONGEST} characters`);
  if (!raw.isWellFormed()) return refused('phrase-syntax', 'it is no text');
  const value = raw.normalize('NFKC').toLowerCase().normalize('NFKC').replace(/\s+/gu, ' ').trim();
  if (UNWRITTEN.test(value)) return refused('phrase-syntax', 'it has characters that nobody writes');
  if (value.length > LONGEST) return refused('too-long', `a phrase has at most ${LONGEST} characters`);
  if (value.length < SHORTEST || !/\p{L}/u.test(value))
    return refused('phrase-syntax', `a phrase has at least ${SHORTEST} characters and a letter`);
  return { ok: true, value };
}

/** A phrase as people write it: compatibility forms, case and white space do not count. */
export const phrase: SignalTypeDefinition<'phrase'> = { id: 'phrase', canonicalise };
