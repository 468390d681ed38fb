import { CHALLENGE_REASONS, CHALLENGE_ROLES, CHALLENGE_SENTENCE_LIMIT } from '#libs/domain';
import type { ChallengeStanding } from './challenge-references.js';

const ROLE_WORDS: Record<(typeof CHALLENGE_ROLES)[number], string> = {
  owner: 'I own the site or the account',
  author: 'I made it',
  archive: 'An archive or a documentation project',
  newsroom: 'A newsroom',
  other: 'Something else',
};
const REASON_WORDS: Record<(typeof CHALLENGE_REASONS)[number], string> = {
  'news-or-public-interest': 'It is news, or of public interest',
  documentation: 'It documents what happened',
  'academic-or-counter-speech': 'It is research, or speaks against what it shows',
  'wrong-match': 'It is something else than what was meant',
  'lawful-here': 'It is lawful where it is',
};

const options = (words: Record<string, string>): string =>
  Object.entries(words)
    .map(([value, says]) => `<option value="${value}">${says}</option>`)
    .join('');

/** @param title and @param body hold nothing that a visitor wrote */
function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="stylesheet" href="/challenge/desk.css">
<script src="/challenge/digest.js" defer></script>
</head>
<body><main><h1>${title}</h1>
${body}
</main></body>
</html>
`;
}

/** The form. It works without its script, which computes the digest of a file on the visitor's own machine. */
export const FORM_PAGE = page(
  'Challenge a listing',
  `<p>Agencies warn online platforms about terrorist and child-abuse material. If something of yours was taken down because of
such a warning and that is wrong, say so here. You need no account, and you are not asked who you are.</p>
<p>Nobody is told whether something is listed, you neither. If it is, somebody of another organisation than the one that listed
it looks at it.</p>
<form method="post" action="/challenge">
<label for="item">Address, host name, or digest (MD5, SHA-1, SHA-256 or SHA-512)</label>
<input id="item" name="item" required maxlength="8192" autocomplete="off" spellcheck="false">
<div id="local" hidden>
<label for="file">Or choose a file: its SHA-256 is computed here, and the file stays with you</label>
<input id="file" type="file">
<p id="progress" role="status"></p>
</div>
<label for="role">What you are to it</label>
<select id="role" name="role" required>${options(ROLE_WORDS)}</select>
<label for="reason">Why it is wrong</label>
<select id="reason" name="reason" required>${options(REASON_WORDS)}</select>
<label for="sentence">One sentence for whoever looks, if you like. Name nobody, and give no links.</label>
<input id="sentence" name="sentence" maxlength="${CHALLENGE_SENTENCE_LIMIT}" autocomplete="off">
<button type="submit">Send</button>
</form>`,
);

/** What is shown when it was taken; a reference holds letters, digits, dots, lines and dashes only. */
export function takenPage({ reference, closes_on, says }: ChallengeStanding): string {
  return page(
    'Your challenge was received',
    `<p>${says}</p>
<p>Your reference, which is the only way to ask again:</p>
<p><code>${reference}</code></p>
<p><a href="/v1/challenges/${reference}">Ask how it stands</a>; it is closed on ${closes_on}, as every other of today.</p>
<p><a href="/challenge">Back to the form</a></p>`,
  );
}

const PROBLEM_WORDS = /^[\x20-\x7e\u2026\u2019]{1,300}$/u;

/** What is shown when it was not taken. @param problems our own words, never a visitor's */
export function refusedPage(detail: string, problems: readonly string[]): string {
  const escape = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const items = problems
    .filter((problem) => PROBLEM_WORDS.test(problem))
    .map((problem) => `<li>${escape(problem)}</li>`);
  return page(
    'Your challenge was not taken',
    `<p role="alert">${escape(detail)}</p>
<ul>${items.join('')}</ul>
<p><a href="/challenge">Back to the form</a></p>`,
  );
}

export const STYLE = `:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 0; background: Canvas; color: CanvasText; }
main { max-width: 40rem; margin: 0 auto; padding: 1.5rem; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input, select, button { font: inherit; width: 100%; box-sizing: border-box; padding: .5rem; }
button { margin-top: 1.5rem; }
code { overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
`;

export const SCRIPT = `'use strict';
const file = document.getElementById('file');
if (file && globalThis.crypto?.subtle) {
  const progress = document.getElementById('progress');
  document.getElementById('local').hidden = false;
  file.addEventListener('change', async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    progress.textContent = 'Computing…';
    try {
      const digest = await crypto.subtle.digest('SHA-256', await chosen.arrayBuffer());
      const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      document.getElementById('item').value = hex;
      progress.textContent = 'Computed; the file was not sent.';
    } catch {
      progress.textContent = 'The file cannot be read; compute its digest with another program.';
    }
  });
}
`;
