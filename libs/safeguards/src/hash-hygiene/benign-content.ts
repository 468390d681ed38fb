import { createHash } from 'node:crypto';

const ALGORITHMS = ['md5', 'sha1', 'sha256', 'sha512'] as const;
/** Sizes of blocks and of files that are filled with one byte before anything is written to them. */
const SIZES = [
  1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 65_536, 131_072, 1_048_576,
];
/** Content that very many files have and that says nothing: nothing, line ends, byte order marks, empty JSON. */
const TEXTS = ['', '\n', '\r\n', '\r', ' ', '\ufeff', '{}', '[]', '{}\n', '[]\n', 'null'];
/** The spacer of one transparent pixel (GIF89a), as pages carry it. */
const SPACER = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

function* contents(): Iterable<Buffer> {
  for (const text of TEXTS) yield Buffer.from(text);
  for (const size of SIZES) for (const byte of [0x00, 0xff, 0x20]) yield Buffer.alloc(size, byte);
  yield SPACER;
}

/** Digests of content that is known to say nothing, computed once, in hexadecimal. */
export const BENIGN_DIGESTS: ReadonlySet<string> = new Set(
  [...contents()].flatMap((content) => ALGORITHMS.map((name) => createHash(name).update(content).digest('hex'))),
);
