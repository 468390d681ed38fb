import { SaxesParser } from 'saxes';
import type { Opening } from '../opening.js';

/** Elements that may lie within one another. */
const DEEPEST = 256;
const PIECE = 64 * 1024;

/** What a reader of XML wants to know; names are without their prefix. */
export interface XmlHandler {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  close?(name: string): void;
  text?(text: string): void;
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);

/** The text of a part, piece by piece, so that a long one is not held twice. */
function* decoded(bytes: Buffer): Generator<string> {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  const decoder = new TextDecoder(isUtf16 ? (first === 0xff ? 'utf-16le' : 'utf-16be') : 'utf-8');
  for (let at = 0; at < bytes.length; at += PIECE) {
    yield decoder.decode(bytes.subarray(at, at + PIECE), { stream: true });
  }
  yield decoder.decode();
}

/**
 * Reads a part of an Office document (XML 1.0). A document type refuses the whole, so there are no entities but the
 * five of XML itself, and nothing outside is ever looked up.
 * @throws rejections `TOC_SUBMISSION_CONTAINER`, `TOC_SUBMISSION_NESTING`
 */
export function readXml(bytes: Buffer, opening: Opening, handler: XmlHandler): void {
  const parser = new SaxesParser<{ position: false; xmlns: false }>({ position: false, xmlns: false });
  let depth = 0;
  let failure: Error | undefined;
  const fail = (sentence: string, why: string): void => {
    failure ??= opening.refused(sentence, why);
  };
  parser.on('doctype', () => fail('its XML has a document type, which is not read', 'doctype'));
  parser.on('error', () => fail('its XML is broken', 'broken'));
  parser.on('opentag', ({ name, attributes }) => {
    depth += 1;
    if (depth > DEEPEST) fail('its XML is nested too deeply', 'nesting');
    else if (!failure) handler.open?.(local(name), attributes);
  });
  parser.on('closetag', ({ name }) => {
    depth -= 1;
    if (!failure) handler.close?.(local(name));
  });
  const text = (piece: string): void => {
    if (!failure) handler.text?.(piece);
  };
  parser.on('text', text);
  parser.on('cdata', text);
  for (const piece of decoded(bytes)) {
    parser.write(piece);
    if (failure) throw failure;
  }
  parser.close();
  if (failure) throw failure;
}

/** The value of an attribute, whatever its prefix. */
export function attribute(attributes: Readonly<Record<string, string>>, name: string): string | undefined {
  if (attributes[name] !== undefined) return attributes[name];
  const key = Object.keys(attributes).find((one) => local(one) === name);
  return key === undefined ? undefined : attributes[key];
}
