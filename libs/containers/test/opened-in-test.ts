import { TocsinError } from '#libs/domain';
import { OPENING_LIMITS } from '../src/limits.js';
import { openContainer, type SaidBeside } from '../src/open-container.js';

export const HASH = 'c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a';
export const PICTURE = Buffer.from('89504e470d0a1a0a0000000d49484452000000', 'hex');

export interface Opened {
  documents: [name: string, format: string, text: string][];
  dropped: [name: string, kind: string][];
  aside: string;
}

export async function opened(bytes: Buffer, said: SaidBeside = {}, limits = OPENING_LIMITS): Promise<Opened> {
  const { documents, dropped, aside } = await openContainer(bytes, said, limits);
  return {
    documents: documents.map(({ name, format, bytes: text }) => [name, format, Buffer.from(text).toString()]),
    dropped: dropped.map(({ name, kind }) => [name, kind]),
    aside: aside.toString(),
  };
}

export async function refusal(bytes: Buffer, limits = OPENING_LIMITS): Promise<[code: string, why: unknown]> {
  try {
    await openContainer(bytes, {}, limits);
  } catch (thrown) {
    if (thrown instanceof TocsinError) return [thrown.code, thrown.facts['why']];
    throw thrown;
  }
  throw new Error('it was opened');
}

export function mail(body: string, headers = 'Subject: a list'): Buffer {
  return Buffer.from(
    `From: desk@agency.example\r\nTo: intake@exchange.example\r\nMessage-ID: <1@agency.example>\r\nMIME-Version: 1.0\r\n${headers}\r\n${body}`,
  );
}

export function attached(...parts: [name: string, type: string, bytes: string | Buffer][]): Buffer {
  const all = parts.map(
    ([name, type, bytes]) =>
      `--xyz\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(bytes).toString('base64')}\r\n`,
  );
  const text = '--xyz\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease see the list.\r\n';
  return mail(
    `${text}${all.join('')}--xyz--\r\n`,
    'Subject: a list\r\nContent-Type: multipart/mixed; boundary=xyz\r\n',
  );
}
