import { media, type Finding } from './scan-view.js';

/** A kind of file that is media or, with the id `container`, may hold media. */
export interface MediaKind {
  id: string;
  name: string;
}

interface Signature extends MediaKind {
  /** Offset of the bytes. */
  at: number;
  bytes: readonly number[];
  /** What else must hold, where the bytes alone could begin a text. */
  also?: (head: Uint8Array) => boolean;
}

const text = (letters: string): number[] => [...Buffer.from(letters, 'latin1')];
const tag = (head: Uint8Array, at: number, letters: string): boolean =>
  text(letters).every((byte, index) => head[at + index] === byte);
const control = (byte: number | undefined): boolean => byte !== undefined && byte < 9;

/** First bytes of files, from the published descriptions of the formats. */
const SIGNATURES: readonly Signature[] = [
  { id: 'jpeg', name: 'JPEG', at: 0, bytes: [0xff, 0xd8, 0xff] },
  { id: 'png', name: 'PNG', at: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { id: 'gif', name: 'GIF', at: 0, bytes: text('GIF87a') },
  { id: 'gif', name: 'GIF', at: 0, bytes: text('GIF89a') },
  { id: 'riff', name: 'WebP', at: 8, bytes: text('WEBP'), also: (head) => tag(head, 0, 'RIFF') },
  { id: 'riff', name: 'AVI', at: 8, bytes: text('AVI '), also: (head) => tag(head, 0, 'RIFF') },
  { id: 'riff', name: 'WAVE', at: 8, bytes: text('WAVE'), also: (head) => tag(head, 0, 'RIFF') },
  {
    id: 'bmp',
    name: 'BMP',
    at: 0,
    bytes: text('BM'),
    also: (head) => head.length > 10 && head.subarray(6, 10).every((b) => b === 0),
  },
  { id: 'tiff', name: 'TIFF', at: 0, bytes: [0x49, 0x49, 0x2a, 0x00] },
  { id: 'tiff', name: 'TIFF', at: 0, bytes: [0x4d, 0x4d, 0x00, 0x2a] },
  { id: 'tiff', name: 'BigTIFF', at: 0, bytes: [0x49, 0x49, 0x2b, 0x00] },
  { id: 'icon', name: 'icon', at: 0, bytes: [0x00, 0x00, 0x01, 0x00] },
  { id: 'photoshop', name: 'Photoshop', at: 0, bytes: text('8BPS') },
  { id: 'jpeg-xl', name: 'JPEG XL', at: 0, bytes: [0xff, 0x0a] },
  { id: 'jpeg-xl', name: 'JPEG XL', at: 4, bytes: text('JXL '), also: (head) => head[0] === 0 },
  { id: 'jpeg-2000', name: 'JPEG 2000', at: 4, bytes: text('jP  '), also: (head) => head[0] === 0 },
  {
    id: 'iso-media',
    name: 'ISO media (MP4, MOV, HEIC, AVIF)',
    at: 4,
    bytes: text('ftyp'),
    also: (head) => head[0] === 0,
  },
  { id: 'iso-media', name: 'QuickTime', at: 4, bytes: text('moov'), also: (head) => head[0] === 0 },
  { id: 'iso-media', name: 'QuickTime', at: 4, bytes: text('mdat'), also: (head) => head[0] === 0 },
  { id: 'iso-media', name: 'QuickTime', at: 4, bytes: text('wide'), also: (head) => head[0] === 0 },
  { id: 'matroska', name: 'Matroska or WebM', at: 0, bytes: [0x1a, 0x45, 0xdf, 0xa3] },
  { id: 'flash', name: 'Flash video', at: 0, bytes: [0x46, 0x4c, 0x56, 0x01] },
  { id: 'flash', name: 'Flash', at: 0, bytes: text('FWS'), also: (head) => control(head[6]) || control(head[7]) },
  { id: 'flash', name: 'Flash', at: 0, bytes: text('CWS'), also: (head) => control(head[6]) || control(head[7]) },
  { id: 'mpeg', name: 'MPEG', at: 0, bytes: [0x00, 0x00, 0x01, 0xba] },
  { id: 'mpeg', name: 'MPEG', at: 0, bytes: [0x00, 0x00, 0x01, 0xb3] },
  {
    id: 'mpeg',
    name: 'MPEG transport stream',
    at: 0,
    bytes: [0x47],
    also: (head) => head[188] === 0x47 && head[376] === 0x47 && head.includes(0),
  },
  { id: 'asf', name: 'Windows media', at: 0, bytes: [0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11] },
  { id: 'ogg', name: 'Ogg', at: 0, bytes: [...text('OggS'), 0x00] },
  { id: 'mp3', name: 'MP3', at: 0, bytes: text('ID3'), also: (head) => control(head[3]) && control(head[4]) },
  {
    id: 'mpeg-audio',
    name: 'MPEG audio',
    at: 0,
    bytes: [0xff],
    also: (head) =>
      ((head[1] ?? 0) & 0xe0) === 0xe0 && ((head[1] ?? 0) & 0x06) !== 0 && head[1] !== 0xfe && head[1] !== 0xff,
  },
  { id: 'flac', name: 'FLAC', at: 0, bytes: text('fLaC') },
  { id: 'amr', name: 'AMR', at: 0, bytes: text('#!AMR') },
  { id: 'midi', name: 'MIDI', at: 0, bytes: [...text('MThd'), 0x00] },
  { id: 'container', name: 'zip', at: 0, bytes: [0x50, 0x4b, 0x03, 0x04] },
  { id: 'container', name: 'zip', at: 0, bytes: [0x50, 0x4b, 0x05, 0x06] },
  { id: 'container', name: '7z', at: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] },
  { id: 'container', name: 'RAR', at: 0, bytes: [...text('Rar!'), 0x1a, 0x07] },
  { id: 'container', name: 'PDF', at: 0, bytes: text('%PDF-') },
  { id: 'container', name: 'OLE', at: 0, bytes: [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1] },
  { id: 'container', name: 'gzip', at: 0, bytes: [0x1f, 0x8b] },
  { id: 'container', name: 'bzip2', at: 0, bytes: text('BZh'), also: (head) => tag(head, 4, '1AY&SY') },
  { id: 'container', name: 'xz', at: 0, bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00] },
  { id: 'container', name: 'Zstandard', at: 0, bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { id: 'container', name: 'cabinet', at: 0, bytes: [...text('MSCF'), 0x00] },
  { id: 'container', name: 'tar', at: 257, bytes: text('ustar') },
];

/** Most bytes that {@link mediaKindOf} looks at. */
export const SIGNATURE_BYTES = 400;

/**
 * Tells media by its first bytes.
 * @param head the beginning of a file, {@link SIGNATURE_BYTES} or less
 * @returns undefined when it is none of the known kinds
 */
export function mediaKindOf(head: Uint8Array): MediaKind | undefined {
  return SIGNATURES.find(
    ({ at, bytes, also }) => bytes.every((byte, index) => head[at + index] === byte) && (also?.(head) ?? true),
  );
}

/** Judges the first bytes of a document. Of a container that is not opened nobody knows what it holds. */
export function judgeHead(head: Uint8Array): Finding | undefined {
  const kind = mediaKindOf(head.subarray(0, SIGNATURE_BYTES));
  if (!kind) return undefined;
  if (kind.id !== 'container')
    return media(`magic-${kind.id}`, `the document is a ${kind.name} file; media are not taken`);
  return {
    code: 'TOC_SUBMISSION_FORMAT',
    what: 'container',
    detail: `the document is a ${kind.name} file; containers of this kind are not opened, send what is inside`,
  };
}
