import type { FormatExample } from '../format.js';
import { EXTENSION_ID } from './extension.js';

const SHA256 = 'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592';
const MD5 = '9e107d9d372bb6826bd81d3542a419d6';
const TLP2_GREEN = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';
const MADE = '2026-01-05T10:00:00.000Z';

const common = (type: string, uuid: string) => ({
  type,
  spec_version: '2.1',
  id: `${type}--${uuid}`,
  created: MADE,
  modified: MADE,
});

const bundle = (objects: readonly unknown[]): string =>
  JSON.stringify({ type: 'bundle', id: 'bundle--5d0092c5-5f74-4287-9642-33f4c354e56d', objects }, undefined, 1);

const indicator = {
  ...common('indicator', '2f1b1a52-94c6-4a0e-9df6-2b6f4b1b7a10'),
  name: 'Never leaves',
  pattern: `[file:hashes.'SHA-256' = '${SHA256}']`,
  pattern_type: 'stix',
  valid_from: MADE,
  valid_until: '2026-07-05T10:00:00Z',
  confidence: 80,
  object_marking_refs: [TLP2_GREEN],
};

const report = {
  ...common('report', '6a7b8c9d-1111-4222-8333-444455556666'),
  name: 'Autumn list',
  published: MADE,
  object_refs: [indicator.id],
  extensions: {
    [EXTENSION_ID]: {
      extension_type: 'property-extension',
      harm: ['tvec'],
      context: 'perpetrator-produced',
      ceiling: 'block',
      legal_basis: 'Act on Terrorist Content, section 5',
      nature: 'information',
      origin: 'own-finding',
      contact_desk: 'duty-desk',
      releasable_to: ['NL', 'DE'],
    },
  },
};

export const EXAMPLES: readonly FormatExample[] = [
  {
    name: 'an indicator in a report that says the rest',
    document: bundle([indicator, report]),
    expect: { signals: [SHA256] },
  },
  {
    name: 'observables; what carries no signal is ignored by kind',
    document: bundle([
      { type: 'file', id: 'file--5a27d487-c542-5f97-a131-a8866b477b46', hashes: { MD5, 'SHA-256': SHA256 } },
      { type: 'url', id: 'url--3279c7de-8f91-5c1a-99d9-d6546c6c41f7', value: 'https://video.example/watch/1' },
      { type: 'domain-name', id: 'domain-name--3c10e93f-798e-5a26-a0c1-08156efab7f5', value: 'forum.example' },
      { type: 'ipv4-addr', id: 'ipv4-addr--28bb3599-77cd-5a82-a950-b5bd3caf07c4', value: '192.0.2.7' },
    ]),
    expect: { signals: [MD5, SHA256, 'https://video.example/watch/1', 'forum.example'], ignored: 1 },
  },
  {
    name: 'an object that is broken costs itself only',
    document: `{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[{"type":},${JSON.stringify(indicator)}]}`,
    expect: { signals: [SHA256], rejected: 1 },
  },
  {
    name: 'an object by itself',
    document: JSON.stringify(indicator),
    expect: { signals: [SHA256] },
  },
];
