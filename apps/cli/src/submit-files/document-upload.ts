import { open, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Readable } from 'node:stream';
import { GUARD_LINE_LIMIT, readGuardLine } from '#libs/formats';
import { Refusal, type Call } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';
import { parametersOf } from './statement-options.js';

const MEDIA_TYPES: Record<string, string> = {
  '.csv': 'text/csv',
  '.eml': 'message/rfc822',
  '.htm': 'text/html',
  '.html': 'text/html',
  '.json': 'application/json',
  '.ndjson': 'application/x-ndjson',
  '.jsonl': 'application/x-ndjson',
  '.txt': 'text/plain',
};

/** The media type that the name of a file says, without a `.gz` behind it. */
export function mediaTypeOf(file: string): string | undefined {
  return MEDIA_TYPES[extname(file.replace(/\.gz$/, '')).toLowerCase()];
}

/** Parameters from options and from the file named by `--parameters`; the options win. */
export async function allParameters(given: Record<string, unknown>): Promise<Record<string, string>> {
  const file: unknown = given.parameters;
  if (typeof file !== 'string') return parametersOf(given);
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Refusal({ status: 0, detail: `The parameters file ${file} cannot be read.` });
  });
  return { ...inQuery(readObject(text, file)), ...parametersOf(given) };
}

/** Parameters as a query says them: lists with commas, objects as JSON. */
export function inQuery(parameters: Record<string, unknown>): Record<string, string> {
  const words = Object.entries(parameters).map(([name, value]) => [
    name,
    typeof value === 'string'
      ? value
      : Array.isArray(value) && value.every((one) => typeof one === 'string')
        ? value.join(',')
        : JSON.stringify(value),
  ]);
  return Object.fromEntries(words) as Record<string, string>;
}

/** What a guard file says beside its items, in its first line; nothing for any other file. */
export async function statementIn(file: string): Promise<Record<string, string>> {
  if (!file.endsWith('.guard')) return {};
  const handle = await open(file).catch(() => undefined);
  if (!handle) return {};
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(GUARD_LINE_LIMIT + 1), 0, GUARD_LINE_LIMIT + 1, 0);
    return statementAtHeadOf(buffer.subarray(0, bytesRead));
  } finally {
    await handle.close();
  }
}

/** What the first line of a guard file says beside its items. @param bytes of a guard file, at least that line */
export function statementAtHeadOf(bytes: Buffer): Record<string, string> {
  const [first = ''] = bytes.toString('latin1', 0, GUARD_LINE_LIMIT + 1).split('\n');
  const line = readGuardLine(first);
  return 'record' in line && line.record.record === 'head' ? inQuery(line.record.statement ?? {}) : {};
}

function readObject(text: string, file: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return { ...read };
  } catch {
    // Said below.
  }
  throw new Refusal({ status: 0, detail: `The parameters file ${file} is not a JSON object.` });
}

/**
 * A file as the body of a call, streamed.
 * @param onBytes is told how much has left
 */
export async function uploadOf(
  file: string,
  parameters: Record<string, string>,
  onBytes: (sent: number, size: number) => void,
): Promise<Call> {
  // Opened here, so that what is wrong with the file is not taken for an exchange that does not answer.
  const handle = await open(file).catch(() => {
    throw new Refusal({ status: 0, detail: `${file} cannot be read.` });
  });
  const found = await handle.stat();
  if (found.isDirectory()) {
    await handle.close();
    throw new Refusal({ status: 0, detail: `${file} is a folder: name the files in it.` });
  }
  const { size } = found;
  let sent = 0;
  const stream = handle.createReadStream({ highWaterMark: 256 * 1024 }).on('data', (piece) => {
    sent += piece.length;
    onBytes(sent, size);
  });
  return {
    body: Readable.toWeb(stream) as unknown as Call['body'],
    contentType: mediaTypeOf(file) ?? 'application/octet-stream',
    headers: file.endsWith('.gz') ? { 'content-encoding': 'gzip' } : {},
    query: parameters,
  };
}

/** Tells of an upload at most once a second. */
export function uploadProgress(printer: Tool['printer'], file: string): (sent: number, size: number) => void {
  let told = Date.now();
  return (sent, size) => {
    if (Date.now() - told < 1000) return;
    told = Date.now();
    printer.progress(`${file}: ${Math.floor((100 * sent) / size)} % sent`);
  };
}
