import { refused, type Canonical, type SignalTypeDefinition } from './signal-type.js';

const BYTES = 144;
const BASE64 = /^[A-Za-z0-9+/]{192}$/;
const HEX = /^[0-9a-f]{288}$/i;
const LONGEST_RAW = 1024;

/** Bytes written as numbers with commas between them, as some exchanges do. */
function ofNumbers(text: string): Buffer | undefined {
  const numbers = text.split(',').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  return numbers.length === BYTES && numbers.every((number) => number < 256) ? Buffer.from(numbers) : undefined;
}

function canonicalise(raw: string): Canonical {
  const text = raw.length > LONGEST_RAW ? '' : raw.replace(/\s+/g, '');
  if (BASE64.test(text)) return { ok: true, value: text };
  const bytes = HEX.test(text) ? Buffer.from(text, 'hex') : ofNumbers(text);
  if (bytes) return { ok: true, value: bytes.toString('base64') };
  return refused('hash-length', `a photodna value has ${BYTES} bytes, in Base64, hexadecimal or as numbers`);
}

/** PhotoDNA, a perceptual hash of an image whose making is licensed: 144 bytes, canonical in Base64. Never compared here. */
export const photodna: SignalTypeDefinition<'photodna'> = { id: 'photodna', canonicalise };
