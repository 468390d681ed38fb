import type { NextFunction, Request, Response } from 'express';
import { rejection } from '#libs/domain';

const LARGEST_BODY = 1024 * 1024;
const DEEPEST = 50;
const LONGEST_MS = 60_000;

/** How often a key is said in a text. @returns undefined when it is nested too deeply */
function countKeys(text: string): number | undefined {
  let depth = 0;
  let keys = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString) {
      if (code === 92) at += 1;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) {
      depth += 1;
      if (depth > DEEPEST) return undefined;
    } else if (code === 125 || code === 93) depth -= 1;
    else if (code === 58) keys += 1;
  }
  return keys;
}

function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const own = Array.isArray(value) ? 0 : Object.keys(value).length;
  return Object.values(value).reduce((sum: number, part) => sum + keysIn(part), own);
}

async function readText(request: Request): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  const started = Date.now();
  // The iterator must not destroy the request when it is left early: there would be nobody to answer.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += piece.length;
    if (Date.now() - started > LONGEST_MS) throw rejection('TOC_REQUEST_TOO_SLOW', 'the body took too long to arrive');
    if (size > LARGEST_BODY)
      throw rejection('TOC_REQUEST_TOO_LARGE', `a JSON body holds at most ${LARGEST_BODY} bytes`);
    pieces.push(piece);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
  } catch {
    throw rejection('TOC_REQUEST_MALFORMED', 'the body is not UTF-8');
  }
}

async function readJson(request: Request): Promise<void> {
  if (request.headers['content-encoding'] && request.headers['content-encoding'] !== 'identity') {
    throw rejection('TOC_REQUEST_MALFORMED', 'a compressed body is not read here');
  }
  const text = await readText(request);
  if (text !== '') request.body = parseJson(text);
}

/**
 * Reads JSON whose nesting is bounded. A key said twice is refused: readers differ in which of the two they believe.
 * @throws a rejection `TOC_REQUEST_MALFORMED`
 */
export function parseJson(text: string): unknown {
  const keys = countKeys(text);
  if (keys === undefined) throw rejection('TOC_REQUEST_MALFORMED', `the JSON is nested more than ${DEEPEST} deep`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw rejection('TOC_REQUEST_MALFORMED', 'this is not JSON');
  }
  if (keysIn(value) < keys) throw rejection('TOC_REQUEST_MALFORMED', 'the JSON says a key twice');
  return value;
}

/**
 * Middleware that reads JSON bodies of bounded size and depth into `request.body`.
 * @param applies says for which requests; others keep their stream
 */
export function boundedJson(applies: (request: Request) => boolean) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    const json = /^application\/([a-z.+-]+\+)?json\b/i.test(request.headers['content-type'] ?? '');
    if (!json || !applies(request)) {
      next();
      return;
    }
    readJson(request).then(() => next(), next);
  };
}
