import { readFeedback, rejection, type Feedback } from '#libs/domain';
import type { FeedbackGiven } from '#libs/events';
import { fromRecordParts, type ReceivedRecord } from '#libs/messaging';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const isId = (value: unknown): value is string => typeof value === 'string' && UUID.test(value);

/** An answer as this app takes it. */
export interface GivenFeedback {
  feedbackId: string;
  platformId: string;
  receivedAt: Date;
  feedback: Feedback;
}

/**
 * Reads a record of the topic of answers: a CloudEvent whose data is a {@link FeedbackGiven}.
 * @throws a rejection `TOC_EVENT_MALFORMED` that never quotes what is wrong
 */
export function readGiven(record: Pick<ReceivedRecord, 'headers' | 'value'>): GivenFeedback {
  const { data } = fromRecordParts(record);
  let event: Partial<FeedbackGiven> | null;
  try {
    event = JSON.parse(data?.toString() ?? '') as Partial<FeedbackGiven> | null;
  } catch {
    throw rejection('TOC_EVENT_MALFORMED', 'the value is not JSON');
  }
  const { feedback_id: feedbackId, platform_id: platformId, received_at: receivedAt, feedback: said } = event ?? {};
  const time = typeof receivedAt === 'string' ? new Date(receivedAt) : undefined;
  if (!isId(feedbackId) || !isId(platformId) || !time || Number.isNaN(time.getTime()))
    throw rejection('TOC_EVENT_MALFORMED', 'a field of the answer is missing or malformed');
  const read = readFeedback(said, time);
  if (!read.ok) throw rejection('TOC_EVENT_MALFORMED', 'the answer is not well formed');
  return { feedbackId, platformId, receivedAt: time, feedback: read.feedback };
}
