import { documentSource } from './document-source.js';
import { folderSource } from './folder-source.js';
import { mispFeedSource } from './misp-feed-source.js';
import type { SourceKind } from './source.js';
import { taxii21Source } from './taxii21-source.js';

/** Every kind of source, by the word in the settings. */
export const SOURCE_KINDS: ReadonlyMap<string, SourceKind> = new Map(
  [folderSource, documentSource, taxii21Source, mispFeedSource].map((each) => [each.kind, each]),
);
