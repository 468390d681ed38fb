import { rejection, SUBMISSION_KINDS } from '#libs/domain';
import type { SubmissionAccepted } from '#libs/events';
import { fromRecordParts, type ReceivedRecord } from '#libs/messaging';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const SHA256 = /^[0-9a-f]{64}$/;

/** A key of the exchange, or the proposal that two operators decided. */
const KEY_ID = /^[\w/-]{1,64}$/;

const isId = (value: unknown): boolean => typeof value === 'string' && UUID.test(value);

/**
 * Reads a record of the topic of submissions: a CloudEvent whose data is a {@link SubmissionAccepted}.
 *
 * @throws a rejection `TOC_EVENT_MALFORMED` that never quotes what is wrong
 */
export function readAccepted(record: Pick<ReceivedRecord, 'headers' | 'value'>): SubmissionAccepted {
  const { data } = fromRecordParts(record);
  let event: Partial<SubmissionAccepted> | null;
  try {
    event = JSON.parse(data?.toString() ?? '') as Partial<SubmissionAccepted> | null;
  } catch {
    throw rejection('TOC_EVENT_MALFORMED', 'the value is not JSON');
  }
  const { submission_id, kind, agency_id, person_id, key_id, format, advisory_id, sha256, bytes, lane, received_at } =
    event ?? {};
  const well =
    [submission_id, agency_id, person_id].every(isId) &&
    (key_id === undefined || (typeof key_id === 'string' && KEY_ID.test(key_id))) &&
    (advisory_id === undefined || isId(advisory_id)) &&
    kind !== undefined &&
    SUBMISSION_KINDS.includes(kind) &&
    typeof format === 'string' &&
    typeof sha256 === 'string' &&
    SHA256.test(sha256) &&
    Number.isSafeInteger(bytes) &&
    (bytes ?? -1) >= 0 &&
    (lane === 0 || lane === 1) &&
    typeof received_at === 'string' &&
    !Number.isNaN(Date.parse(received_at));
  if (!well) throw rejection('TOC_EVENT_MALFORMED', 'a field of the submission is missing or malformed');
  return event as SubmissionAccepted;
}
