import { isOnRow, type Feedback } from '#libs/domain';
import { EVENT_TYPES, type FeedbackGiven, type FeedbackSaid } from '#libs/events';
import type { FinishedRecord } from '#libs/persistence';

const SOURCE = '/tocsin/platform-api';

/** An answer that is going to be kept. */
export interface TakenFeedback {
  id: string;
  platformId: string;
  receivedAt: Date;
  feedback: Feedback;
}

/** An answer without the one text: a topic keeps its records when words have to be erased. */
function withoutText(feedback: Feedback): FeedbackSaid {
  if (feedback.kind !== 'exploitation-report') return feedback;
  const { text: _text, ...said } = feedback;
  return said;
}

/** The record that tells the others of an answer, a CloudEvent in binary mode. Who gave it is not in it, only for whom. */
export function feedbackRecord({ id, platformId, receivedAt, feedback }: TakenFeedback): FinishedRecord {
  const event: FeedbackGiven = {
    feedback_id: id,
    platform_id: platformId,
    received_at: receivedAt.toISOString(),
    feedback: withoutText(feedback),
  };
  return {
    key: isOnRow(feedback) ? feedback.row_id : platformId,
    headers: {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: SOURCE,
      ce_type: EVENT_TYPES.feedbackGiven,
      ce_time: event.received_at,
      'content-type': 'application/json',
    },
    value: JSON.stringify(event),
  };
}
