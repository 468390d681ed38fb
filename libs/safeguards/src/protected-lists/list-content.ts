/**
 * Which hits of a list hold an item: `any-hit` any URL or host on it, `whole-host` a host, root, prefix or network but
 * not one exact item, `digest` exact hashes, `near-hash` perceptual hashes (PDQ) and what is within 31 bits of one.
 */
export const JUDGES = ['any-hit', 'whole-host', 'digest', 'near-hash'] as const;
export type Judges = (typeof JUDGES)[number];

/** What a version of a protected list says. Entries are canonical: hosts, which cover those below; networks; digests; PDQ hashes. */
export interface ListContent {
  title: string;
  judges: Judges;
  entries: string[];
}

/** A protected list in force. */
export interface ProtectedListInForce extends ListContent {
  id: string;
  version: number;
}
