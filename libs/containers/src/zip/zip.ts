import type { Container } from '../container.js';
import { isZip, ZipArchive } from '../zip-archive/zip-archive.js';

/** Files that systems add to archives, which say nothing. */
const PLUMBING = /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)/i;

/** Whether it is one document of an office program rather than files of somebody's. */
function isDocument(entries: readonly string[]): boolean {
  return entries.includes('[Content_Types].xml') || (entries.includes('mimetype') && entries.includes('content.xml'));
}

/** A zip archive: each entry is a file by itself. */
export const zip: Container = {
  id: 'zip',
  title: 'zip archive',
  mediaTypes: ['application/zip', 'application/x-zip-compressed'],
  fileExtensions: ['.zip'],

  recognises: ({ head, entries = [] }) => isZip(head) && !isDocument(entries),

  async open(bytes, opening) {
    const archive = await ZipArchive.open(bytes, opening);
    const entries = archive.entries.filter(({ name }) => !PLUMBING.test(name));
    if (entries.length > 0 && entries.every(({ isEncrypted }) => isEncrypted)) {
      throw opening.refused('it is encrypted', 'encrypted');
    }
    for (const entry of entries) {
      if (entry.isEncrypted) opening.drop(entry.name, 'encrypted', Buffer.alloc(0));
      else await opening.takeFile(entry.name, await archive.read(entry));
    }
  },
};
