/** What may be dropped, by kind. */
export type DroppedKind =
  | 'media'
  | 'macro'
  | 'script'
  | 'embedded-object'
  | 'comments'
  | 'encrypted'
  | 'nested-too-deep'
  | 'format-unknown'
  | 'not-text';

/** Something that was inside and is not kept. */
export interface DroppedThing {
  /** As the container calls it, cut to 200 characters. */
  name: string;
  kind: DroppedKind;
  /** Length and SHA-256 (hexadecimal) of what was dropped, decoded. */
  bytes: number;
  sha256: string;
}

/** A document that was inside, as text in UTF-8. */
export interface OpenedDocument {
  /** As the container calls it, cut to 200 characters. */
  name: string;
  /** `prose` is written to be read as text, whatever it looks like; a `file` or `sheet` tells its format itself. */
  kind: 'prose' | 'file' | 'sheet';
  text: Buffer;
}
