import { getDocumentProxy } from 'unpdf';
import type { Container } from '../container.js';
import type { Opening } from '../opening.js';
import { imagesIn } from './images-in.js';
import { textOfPage } from './text-of-page.js';

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>;

/** A text may speak of the mark, so that it begins the file. */
const BEGINNING = /^(?:\xef\xbb\xbf)?\s{0,16}%PDF-/;

/** A PDF document: the text of its pages, and where links lead. What is drawn is not read. */
export const pdf: Container = {
  id: 'pdf',
  title: 'PDF document',
  mediaTypes: ['application/pdf'],
  fileExtensions: ['.pdf'],

  recognises: ({ head }) => BEGINNING.test(Buffer.from(head.subarray(0, 32)).toString('latin1')),

  async open(bytes, opening) {
    const document = await opened(bytes, opening);
    await lookAtProperties(document, opening);
    const pages: string[] = [];
    for (let number = 1; number <= document.numPages; number += 1) {
      opening.countEntry();
      pages.push(await readPage(document, number, opening));
    }
    opening.keepProse('text', pages.join('\n'));
    for (const [index, image] of imagesIn(bytes).entries()) opening.drop(`image ${index + 1}`, 'media', image);
    await dropAttachments(document, opening);
    await document.loadingTask.destroy();
  },
};

async function opened(bytes: Buffer, opening: Opening): Promise<Pdf> {
  try {
    // It takes the bytes over, so they are a copy.
    return await getDocumentProxy(Uint8Array.from(bytes), {
      disableFontFace: true,
      useSystemFonts: false,
      enableXfa: false,
      stopAtErrors: false,
      verbosity: 0,
    });
  } catch (thrown) {
    const name = thrown instanceof Error ? thrown.name : '';
    if (name === 'PasswordException') throw opening.refused('it is encrypted', 'encrypted');
    throw opening.refused('the PDF document is broken', 'broken');
  }
}

/** A page that is broken costs itself only, and is named. */
async function readPage(document: Pdf, number: number, opening: Opening): Promise<string> {
  try {
    const page = await document.getPage(number);
    const text = await textOfPage(page);
    opening.charge(text.length);
    page.cleanup();
    return text;
  } catch (thrown) {
    if (thrown instanceof Error && thrown.name === 'TocsinError') throw thrown;
    opening.drop(`page ${number}`, 'not-text', Buffer.alloc(0));
    return '';
  }
}

async function lookAtProperties(document: Pdf, opening: Opening): Promise<void> {
  const said: unknown = await document.getMetadata().then(
    ({ info }) => info,
    () => undefined,
  );
  for (const [name, value] of Object.entries(said ?? {})) {
    if (typeof value === 'string') opening.lookAt(`${name}: ${value}`);
    else if (name === 'Custom') {
      for (const [custom, text] of Object.entries((value ?? {}) as Record<string, unknown>)) {
        if (typeof text === 'string') opening.lookAt(`${custom}: ${text}`);
      }
    }
  }
}

async function dropAttachments(document: Pdf, opening: Opening): Promise<void> {
  const attached = await document.getAttachments().catch(() => null);
  for (const [id, { filename }] of attached ?? []) {
    const content: unknown = await document.getAttachmentContent(id).catch(() => undefined);
    const bytes = content instanceof Uint8Array ? content : Buffer.alloc(0);
    opening.countEntry();
    opening.charge(bytes.length);
    opening.drop(filename, 'embedded-object', bytes);
  }
  const scripts = await document.getJSActions().catch(() => undefined);
  if (scripts) opening.drop('scripts', 'script', Buffer.alloc(0));
}
