import { isExactHash, isSignalType } from '#libs/domain';
import type { JudgedSignal, Safeguard, SafeguardRule, Ruling } from '../safeguard.js';
import { BENIGN_DIGESTS } from './benign-content.js';

const RULES = {
  benign: {
    id: 'benign-digest',
    version: 1,
    does: 'hold',
    says: 'Holds exact hashes of content that very many files have and that says nothing.',
  },
  filler: {
    id: 'filler-hash',
    version: 1,
    does: 'reject',
    says: 'Rejects exact hashes that repeat themselves, as fillers do and hashes do not.',
  },
  quality: {
    id: 'weak-perceptual-hash',
    version: 1,
    does: 'reject',
    says: 'Rejects perceptual hashes of a quality below 50, which match pictures that have nothing in common.',
  },
  balance: {
    id: 'unbalanced-perceptual-hash',
    version: 1,
    does: 'reject',
    says: 'Rejects perceptual hashes with far more or far fewer set bits than half, as of pictures of one colour.',
  },
} as const satisfies Record<string, SafeguardRule>;

/** Below it, implementations of PDQ advise not to match (0–100). */
const LEAST_QUALITY = 50;
/** A PDQ hash has 256 bits; by its making about half of them are above the median. */
const SET_BITS = { least: 64, most: 192 };
const PERIOD = 16;

function setBits(hash: string): number {
  let bits = 0;
  for (const digit of hash) for (let rest = Number.parseInt(digit, 16); rest > 0; rest >>= 1) bits += rest & 1;
  return bits;
}

function rejected(rule: SafeguardRule, detail: string): Ruling {
  return { ruling: 'reject', rule, code: 'TOC_ITEM_VALUE', detail };
}

function judgePerceptual({ value, quality }: JudgedSignal): Ruling | undefined {
  if (quality !== undefined && quality < LEAST_QUALITY)
    return rejected(RULES.quality, `the quality of the hash is below ${LEAST_QUALITY}`);
  const bits = setBits(value);
  if (bits < SET_BITS.least || bits > SET_BITS.most)
    return rejected(RULES.balance, 'the hash is that of a picture with next to nothing in it');
  return undefined;
}

function judgeExact({ type, value }: JudgedSignal): Ruling | undefined {
  // What repeats after 1, 2, 4, 8 or 16 digits does so here; a real hash does once in 2^64.
  if (value.startsWith(value.slice(0, PERIOD), PERIOD)) return rejected(RULES.filler, 'the hash repeats itself');
  if (!BENIGN_DIGESTS.has(value)) return undefined;
  return { ruling: 'hold', rule: RULES.benign, reason: 'protected-list', detail: { because: 'benign-content', type } };
}

/** Hash hygiene: hashes that would match what nobody meant. */
export const hashHygieneSafeguard: Safeguard = {
  id: 'hash-hygiene',
  rules: Object.values(RULES),
  judgeSignal(signal) {
    if (signal.type === 'pdq') return judgePerceptual(signal);
    return isSignalType(signal.type) && isExactHash(signal.type) ? judgeExact(signal) : undefined;
  },
};
