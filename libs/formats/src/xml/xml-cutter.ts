import { SaxesParser } from 'saxes';
import { rejection, type TocsinError } from '#libs/domain';
import type { ByteSource } from '../format.js';
import { checkedText, refuseEmpty } from '../text/checked-text.js';
import type { XmlElement } from './xml-element.js';

/** Elements that may lie within one another. */
const DEEPEST = 64;
/** Longest element that is cut, counted in characters of its texts, names and attributes. */
const LONGEST_ELEMENT = 1024 * 1024;
const MOST_CHILDREN = 10_000;
/** Longest text, comment or tag, in bytes: the parser holds it whole. */
const LONGEST_TOKEN = 2 * 1024 * 1024;
const PIECE = 64 * 1024;

/** One element that was cut out; undefined when it is longer than the bound. */
export interface Cut {
  element?: XmlElement;
  /** About where it ends: characters of the document, of which there are no more than bytes. */
  byte: number;
}

/** Which elements are cut out, by their name and the names around them, outermost first. */
export type IsCut = (name: string, parents: readonly string[]) => boolean;

interface Root {
  name: string;
  uri: string;
}

/**
 * Cuts elements out of a stream of XML 1.0. Holds one element at a time, never more than the bound. A document type
 * refuses the document, so there are no entities but the five of XML itself, and nothing outside is ever looked up.
 */
class XmlCutter {
  root?: Root;
  private readonly parser = new SaxesParser<{ xmlns: true }>({ xmlns: true });
  private readonly parents: string[] = [];
  private readonly open: XmlElement[] = [];
  private held = 0;
  private children = 0;
  private done: Cut[] = [];
  private failure?: TocsinError;
  private byte = 0;
  private sinceToken = 0;

  constructor(private readonly isCut: IsCut) {
    const { parser } = this;
    parser.on('error', () => this.fail('it is not well-formed XML'));
    parser.on('doctype', () => this.fail('it has a document type, which is not read'));
    parser.on('opentag', ({ local, uri, attributes }) => this.opened(local, uri, attributes));
    parser.on('closetag', () => this.closed());
    parser.on('text', (text) => this.said(text));
    parser.on('cdata', (text) => this.said(text));
    parser.on('comment', () => (this.sinceToken = 0));
    parser.on('processinginstruction', () => (this.sinceToken = 0));
  }

  /** @returns what ended in this piece @throws a rejection of the document */
  push(text: string, bytes: number): Cut[] {
    this.done = [];
    this.sinceToken += bytes;
    this.parser.write(text);
    this.byte += bytes;
    if (this.sinceToken > LONGEST_TOKEN) this.fail(`it has a text or tag of more than ${LONGEST_TOKEN} bytes`);
    if (this.failure) throw this.failure;
    return this.done;
  }

  /** @throws a rejection when the document is not finished */
  end(): void {
    this.parser.close();
    if (this.failure) throw this.failure;
  }

  private fail(what: string): void {
    const detail = `the document cannot be read: ${what} (near byte ${this.byte})`;
    this.failure ??= rejection('TOC_SUBMISSION_MALFORMED', detail, { byte: this.byte });
  }

  private opened(name: string, uri: string, given: Record<string, { local: string; value: string }>): void {
    this.sinceToken = 0;
    if (this.failure) return;
    this.root ??= { name, uri };
    if (this.parents.length >= DEEPEST) {
      const detail = `the document is nested more than ${DEEPEST} deep`;
      this.failure = rejection('TOC_SUBMISSION_NESTING', detail, { byte: this.byte });
      return;
    }
    if (this.open.length > 0 || this.isCut(name, this.parents)) this.take(name, uri, given);
    this.parents.push(name);
  }

  private take(name: string, uri: string, given: Record<string, { local: string; value: string }>): void {
    if (this.open.length === 0) {
      this.held = 0;
      this.children = 0;
    }
    this.children += 1;
    this.held += name.length;
    const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const { local, value } of Object.values(given)) {
      this.held += local.length + value.length;
      if (!this.isTooLong) attributes[local] = value;
    }
    const element: XmlElement = { name, uri, attributes, children: [], text: '' };
    const parent = this.open.at(-1);
    if (parent && !this.isTooLong) parent.children.push(element);
    this.open.push(element);
  }

  private get isTooLong(): boolean {
    return this.held > LONGEST_ELEMENT || this.children > MOST_CHILDREN;
  }

  private said(text: string): void {
    this.sinceToken = 0;
    const element = this.open.at(-1);
    if (!element) return;
    this.held += text.length;
    if (!this.isTooLong) element.text += text;
  }

  private closed(): void {
    this.sinceToken = 0;
    if (this.failure) return;
    this.parents.pop();
    const element = this.open.pop();
    if (element && this.open.length === 0)
      this.done.push({ byte: this.parser.position, ...(this.isTooLong ? {} : { element }) });
  }
}

/**
 * Reads a document once to know, before anything of it is used, that it is UTF-8 and well-formed XML of a root that the
 * format knows.
 * @param look what is looked at on the way
 * @throws a rejection of the document
 */
export async function checkXml(
  source: ByteSource,
  isRoot: (root: Root) => boolean,
  expected: string,
  look: { isCut: IsCut; see: (element: XmlElement | undefined) => void } = { isCut: () => false, see: () => undefined },
): Promise<void> {
  refuseEmpty(source);
  const cutter = new XmlCutter(look.isCut);
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of checkedText(source.open())) {
    for (const piece of piecesOf(chunk))
      for (const { element } of cutter.push(decoder.decode(piece, { stream: true }), piece.length)) look.see(element);
    if (cutter.root && !isRoot(cutter.root)) throw rejection('TOC_SUBMISSION_FORMAT', `the document is no ${expected}`);
  }
  cutter.end();
  if (!cutter.root || !isRoot(cutter.root)) throw rejection('TOC_SUBMISSION_FORMAT', `the document is no ${expected}`);
}

/** The elements that are cut out, in the order in which they end. The document was checked before. */
export async function* cutXml(source: ByteSource, isCut: IsCut): AsyncIterable<Cut> {
  const cutter = new XmlCutter(isCut);
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of source.open())
    for (const piece of piecesOf(chunk)) yield* cutter.push(decoder.decode(piece, { stream: true }), piece.length);
  cutter.end();
}

function* piecesOf(chunk: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
}
