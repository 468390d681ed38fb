import { createHash, randomUUID } from 'node:crypto';

/** What an officer says beside a document, with nothing left open. */
export const COMPLETE = {
  harm: 'tvec',
  context: 'perpetrator-produced',
  legal_basis: 'Example Online Harms Act 2019, section 4',
  nature: 'information',
  origin: 'own-finding',
  valid_for: '30',
  tlp: 'green',
  ceiling: 'limit',
} as const;

/** A digest that no other run has used. */
export function freshDigest(run: string, word: string): string {
  return createHash('sha256').update(`${run}/${word}`).digest('hex');
}

/** A STIX 2.1 bundle of one report with two indicators, marked TLP:GREEN. */
export function stixBundle(digest: string, url: string): string {
  const now = new Date().toISOString();
  const indicator = (pattern: string): Record<string, unknown> => ({
    type: 'indicator',
    spec_version: '2.1',
    id: `indicator--${randomUUID()}`,
    created: now,
    modified: now,
    pattern,
    pattern_type: 'stix',
    valid_from: now,
    confidence: 85,
    object_marking_refs: ['marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb'],
  });
  const indicators = [indicator(`[file:hashes.'SHA-256' = '${digest}']`), indicator(`[url:value = '${url}']`)];
  const report = {
    type: 'report',
    spec_version: '2.1',
    id: `report--${randomUUID()}`,
    created: now,
    modified: now,
    name: 'Re-upload campaign',
    published: now,
    object_refs: indicators.map(({ id }) => id),
  };
  return JSON.stringify({ type: 'bundle', id: `bundle--${randomUUID()}`, objects: [report, ...indicators] });
}

/** The first bytes of a PNG picture and nothing of one. */
export const PICTURE_HEAD = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
