import { docx } from './docx/docx.js';
import { email } from './email/email.js';
import { gzip } from './gzip/gzip.js';
import { html } from './html/html.js';
import { pdf } from './pdf/pdf.js';
import { xlsx } from './xlsx/xlsx.js';
import { zip } from './zip/zip.js';
import type { Container } from './container.js';

/** All containers that are opened; of two that recognise the same bytes the first one is meant. */
export const CONTAINERS: readonly Container[] = [xlsx, docx, zip, pdf, gzip, email, html];
