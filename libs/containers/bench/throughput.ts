import { randomBytes } from 'node:crypto';
import { openInChild } from '../src/child/open-in-child.js';
import { OPENING_LIMITS } from '../src/limits.js';
import { makeDocx, makeXlsx, paragraph } from '../test/make-office.js';
import { makePage, makePdf, stream } from '../test/make-pdf.js';
import { makeZip } from '../test/make-zip.js';

/*
 * Opens a long container of each kind in the child process and says how fast it went, and which memory was enough.
 * After a build: node dist/libs/containers/bench/throughput.js [items]
 */
const ITEMS = Number(process.argv[2] ?? 100_000);
const MIB = 1024 * 1024;

const hash = (): string => randomBytes(32).toString('hex');
const sentence = (): string => `Seen at hxxps://forum[.]example/t/${randomBytes(6).toString('hex')} by whoever looked.`;
const lines = (line: () => string): string => Array.from({ length: ITEMS }, line).join('\n');

function mail(): Buffer {
  const list = Buffer.from(lines(hash)).toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.from(
    `From: a@a.example\r\nTo: b@b.example\r\nMessage-ID: <1@a.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=xyz\r\n\r\n--xyz\r\nContent-Type: text/plain\r\n\r\nSee the list.\r\n--xyz\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=list.txt\r\nContent-Transfer-Encoding: base64\r\n\r\n${list}\r\n--xyz--\r\n`,
  );
}

function pdfOfPages(): Buffer {
  const perPage = 50;
  const pages = Math.ceil(Math.min(ITEMS, 50_000) / perPage);
  const kids = Array.from({ length: pages }, (_none, page) => `${4 + page * 2} 0 R`).join(' ');
  return makePdf([
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...Array.from({ length: pages }, (_none, page) => [
      `<< /Type /Page /Parent 2 0 R /Contents ${5 + page * 2} 0 R /Resources << /Font << /F 3 0 R >> >> >>`,
      stream(
        `BT /F 9 Tf 50 780 Td ${Array.from({ length: perPage }, () => `(${sentence()}) Tj 0 -14 Td`).join(' ')} ET`,
      ),
    ]).flat(),
  ]);
}

const CONTAINERS: Readonly<Record<string, () => Buffer>> = {
  'email, a list attached': mail,
  html: () => Buffer.from(`<html><body>${lines(() => `<p>${sentence()}</p>`)}</body></html>`),
  xlsx: () => makeXlsx({ hashes: [['sha256', 'note'], ...Array.from({ length: ITEMS }, () => [hash(), 'seen'])] }),
  docx: () => makeDocx(Array.from({ length: ITEMS }, () => paragraph(sentence())).join('')),
  'pdf, one page': () => makePage(Array.from({ length: 1000 }, sentence)),
  'pdf, 1,000 pages': pdfOfPages,
  zip: () => makeZip([{ name: 'list.txt', bytes: lines(hash) }]),
};

for (const [name, make] of Object.entries(CONTAINERS)) {
  const bytes = make();
  const started = performance.now();
  const opened = await openInChild(bytes);
  const seconds = (performance.now() - started) / 1000;
  const text = opened.documents.reduce((sum, document) => sum + document.bytes.length, 0);
  let enough = OPENING_LIMITS.memoryBytes;
  for (let tried = 64 * MIB; tried < enough; tried += 32 * MIB) {
    const held = await openInChild(bytes, {}, { ...OPENING_LIMITS, memoryBytes: tried }).catch(() => undefined);
    if (held) enough = tried;
  }
  const size = (count: number): string => (count / 1e6).toFixed(2);
  process.stdout.write(
    `${name}: ${size(bytes.length)} MB, ${size(text)} MB of text, ${seconds.toFixed(2)} s, ${(text / 1e6 / seconds).toFixed(1)} MB of text/s, within ${enough / MIB} MiB\n`,
  );
}
