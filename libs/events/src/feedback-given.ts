import type { ExploitationReport, Feedback } from '#libs/domain';

/** What an answer says on a topic: everything but a text, which stays where it can be erased. */
export type FeedbackSaid = Exclude<Feedback, ExploitationReport> | Omit<ExploitationReport, 'text'>;

/**
 * Says that a platform answered; the value of a record on {@link FEEDBACK_TOPIC}, keyed by the row that it is about, or by
 * the platform when it is about none.
 */
export interface FeedbackGiven {
  feedback_id: string;
  platform_id: string;
  /** ISO 8601. */
  received_at: string;
  feedback: FeedbackSaid;
}
