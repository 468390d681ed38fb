import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromRecordParts, toRecordParts } from '#libs/messaging';
import { acceptedRecord } from './accepted-record.js';

const RECEIVED = {
  id: '0197a5b2-0000-7000-8000-000000000001',
  kind: 'revision' as const,
  agencyId: '0197a5b2-0000-7000-8000-000000000002',
  personId: '0197a5b2-0000-7000-8000-000000000003',
  format: 'value-list',
  advisoryId: '0197a5b2-0000-7000-8000-000000000004',
  sha256: 'ab'.repeat(32),
  bytes: 65,
  lane: 0 as const,
  receivedAt: new Date('2026-03-01T10:00:00Z'),
};

describe('acceptedRecord', () => {
  it('is read, and would be written, by the binding that everybody uses', () => {
    const { key, headers, value } = acceptedRecord(RECEIVED);
    const onTheWire = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
    const event = fromRecordParts({ headers: onTheWire, value });
    expect(event).toMatchObject({
      id: RECEIVED.id,
      source: '/tocsin/intake',
      type: 'tocsin.submission.accepted',
      subject: RECEIVED.id,
    });
    expect(toRecordParts(event)).toEqual({ headers, value });
    expect(key).toBe(RECEIVED.id);
  });

  it('says what the normaliser needs and nothing else', () => {
    expect(JSON.parse(acceptedRecord(RECEIVED).value.toString())).toEqual({
      submission_id: RECEIVED.id,
      kind: 'revision',
      agency_id: RECEIVED.agencyId,
      person_id: RECEIVED.personId,
      format: 'value-list',
      advisory_id: RECEIVED.advisoryId,
      sha256: RECEIVED.sha256,
      bytes: 65,
      lane: 0,
      received_at: '2026-03-01T10:00:00.000Z',
    });
  });

  it('names the key that it came by, where that is known', () => {
    expect(JSON.parse(acceptedRecord({ ...RECEIVED, keyId: '0123456789abcdef' }).value.toString())).toMatchObject({
      key_id: '0123456789abcdef',
    });
  });

  it('is written as it was released, byte for byte', () => {
    const corpus = readFileSync(join(import.meta.dirname, '../../../../libs/events/corpus/v1-kafka.ndjson'), 'utf8');
    const released = corpus.split('\n').find((line) => line.includes('"kind\\":\\"advisory'));
    const { key, headers, value } = acceptedRecord({
      ...RECEIVED,
      id: '0197a5b2-0001-7000-8000-000000000001',
      kind: 'advisory',
      agencyId: '0197a5b2-0001-7000-8000-000000000002',
      personId: '0197a5b2-0001-7000-8000-000000000003',
      advisoryId: undefined,
      lane: 1,
    });
    expect(JSON.stringify({ topic: 'tocsin.submissions.v1', key, headers, value: value.toString() })).toBe(released);
  });
});
