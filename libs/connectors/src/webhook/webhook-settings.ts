import { SettingsReader } from '../settings-reader.js';

/** How a platform wants its webhook. */
export interface WebhookSettings {
  /** Where to post; https, on a public address unless the deployment has an exception for it. */
  url: string;
  /** `ed25519`: the deployment's keys; `hmac`: a secret of this subscription alone. */
  signature: 'ed25519' | 'hmac';
  /** Most records in one delivery, 1–500. */
  batch_size: number;
}

export const MOST_RECORDS = 500;
const LONGEST_URL = 2048;

/** Reads settings given by a platform. @throws a rejection `TOC_CONNECTOR_SETTINGS` */
export function readWebhookSettings(given: unknown): WebhookSettings {
  const reader = new SettingsReader(given);
  const url = reader.take('url');
  if (typeof url !== 'string' || url.length > LONGEST_URL || !isHttpUrl(url)) {
    reader.problem('url', `must be an https URL without user name, at most ${LONGEST_URL} characters`);
  }
  const signature = reader.word('signature', ['ed25519', 'hmac']);
  const batch_size = reader.whole('batch_size', { min: 1, max: MOST_RECORDS, otherwise: 100 });
  reader.finish();
  return { url: String(url), signature, batch_size };
}

/** The shape only: what may be reached, and whether plain http may, is the egress port's to say. */
function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}
