import PostalMime, { type Attachment, type Email } from 'postal-mime';
import type { Container } from '../container.js';
import type { Opening } from '../opening.js';
import { textOfHtml } from '../html-text/text-of-html.js';

const FIELD =
  /^(?:received|from|to|subject|date|message-id|mime-version|return-path|content-type|delivered-to|x-[\w-]+|authentication-results|dkim-signature|reply-to|cc):[ \t]/i;
const ONLY_MAIL = /^(?:received|message-id|mime-version|return-path|delivered-to|authentication-results):/i;
const DEEPEST_PARTS = 64;
const LONGEST_HEADERS = 512 * 1024;
const LINK = /<(?:https?|ftp):[^<>\s]+>/g;

/** A mail with its attachments (RFC 5322, RFC 2045). */
export const email: Container = {
  id: 'email',
  title: 'Mail with attachments',
  mediaTypes: ['message/rfc822'],
  fileExtensions: ['.eml'],

  recognises({ head, mediaType }) {
    if (head.includes(0)) return false;
    if (mediaType === 'message/rfc822') return true;
    const lines = Buffer.from(head.subarray(0, 8192)).toString('latin1').trimStart().split(/\r?\n/, 40);
    const fields = lines.slice(0, lines.indexOf('') < 0 ? undefined : lines.indexOf(''));
    return fields.filter((line) => FIELD.test(line)).length >= 3 && fields.some((line) => ONLY_MAIL.test(line));
  },

  async open(bytes, opening) {
    const mail = await parsed(bytes, opening);
    for (const { key, value } of mail.headers) if (!key.startsWith('content-')) opening.lookAt(`${key}: ${value}`);
    opening.keepProse('mail', proseOf(mail, opening));
    for (const attachment of mail.attachments) {
      opening.countEntry();
      const content = bytesOf(attachment);
      opening.charge(content.length);
      await opening.takeFile(attachment.filename ?? '', content, attachment.mimeType);
    }
  },
};

async function parsed(bytes: Buffer, opening: Opening): Promise<Email> {
  try {
    return await PostalMime.parse(bytes, {
      forceRfc822Attachments: true,
      maxNestingDepth: DEEPEST_PARTS,
      maxHeadersSize: LONGEST_HEADERS,
    });
  } catch (thrown) {
    const said = thrown instanceof Error ? thrown.message : '';
    if (/nesting/i.test(said)) throw opening.refused('the parts of the mail are nested too deeply', 'nesting');
    if (/header/i.test(said)) throw opening.refused('the header of the mail is too long', 'header');
    throw opening.refused('the mail is broken', 'broken');
  }
}

/** The subject and the words; of a mail that is written in both ways, the plain words and the links of the others. */
function proseOf({ subject = '', text = '', html = '' }: Email, opening: Opening): string {
  opening.charge(text.length + html.length);
  const shown = html === '' ? '' : textOfHtml(html, opening);
  const words = text.trim() === '' ? shown : `${text.trimEnd()}\n${linksBeside(text, shown)}`;
  if (words.trim() === '') return '';
  return `${subject === '' ? '' : `Subject: ${subject.replace(/\s+/g, ' ')}\n\n`}${words}`;
}

function linksBeside(text: string, shown: string): string {
  const links = new Set(shown.match(LINK) ?? []);
  return [...links].filter((link) => !text.includes(link.slice(1, -1))).join('\n');
}

function bytesOf({ content }: Attachment): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof ArrayBuffer
    ? Buffer.from(content)
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
}
