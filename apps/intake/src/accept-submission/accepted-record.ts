import { EVENT_TYPES, type SubmissionAccepted } from '#libs/events';
import type { OutboxRecord } from '#libs/persistence';
import type { ReceivedSubmission } from './received-submission.js';

const SOURCE = '/tocsin/intake';

/** What the normaliser is told of a submission. */
export type Announced = Pick<
  ReceivedSubmission,
  | 'id'
  | 'kind'
  | 'agencyId'
  | 'personId'
  | 'keyId'
  | 'format'
  | 'advisoryId'
  | 'sha256'
  | 'bytes'
  | 'lane'
  | 'receivedAt'
>;

/**
 * The record that tells the normaliser of a submission, as Kafka will hold it: a CloudEvent in binary mode (Kafka
 * protocol binding 1.0.2, section 3.2). A submission is accepted once, so its id is the event's too. Nothing that
 * anybody wrote is in it: a topic keeps its records when a submission has to be destroyed.
 */
export function acceptedRecord(received: Announced): OutboxRecord {
  const event: SubmissionAccepted = {
    submission_id: received.id,
    kind: received.kind,
    agency_id: received.agencyId,
    person_id: received.personId,
    ...(received.keyId ? { key_id: received.keyId } : {}),
    format: received.format,
    ...(received.advisoryId ? { advisory_id: received.advisoryId } : {}),
    sha256: received.sha256,
    bytes: received.bytes,
    lane: received.lane,
    received_at: received.receivedAt.toISOString(),
  };
  return {
    key: received.id,
    headers: {
      ce_specversion: '1.0',
      ce_id: received.id,
      ce_source: SOURCE,
      ce_type: EVENT_TYPES.submissionAccepted,
      ce_time: event.received_at,
      ce_subject: received.id,
      'content-type': 'application/json',
    },
    value: Buffer.from(JSON.stringify(event)),
  };
}
