import type {
  ActionTakenWord,
  CannotReason,
  ConfirmationWord,
  DisputeReason,
  ExploitationScale,
  ExploitationTechnique,
  ExploitationTrend,
  ExploitedFeature,
  MonthlyFigure,
  OpinionReason,
  OpinionStep,
  ReportReader,
} from './vocabulary.js';

/** The row that an answer is about. */
export interface AboutRow {
  channel: string;
  row_id: string;
}

/** When something was counted: whole hours of UTC, so that no moment is that of one user's act. */
export interface Window {
  from: string;
  until: string;
}

/** So often the row matched. */
export interface Sighting extends AboutRow, Window {
  kind: 'sighting';
  count: number;
}

/** How far the platform agrees with what the row says. */
export interface Opinion extends AboutRow {
  kind: 'opinion';
  opinion: OpinionStep;
  reason?: OpinionReason;
}

/** The platform says that the row is wrong: somebody has to decide. */
export interface Dispute extends AboutRow {
  kind: 'dispute';
  reason: DisputeReason;
}

/** What the platform did because of the row, how often. */
export interface ActionTaken extends AboutRow, Window {
  kind: 'action-taken';
  action: ActionTakenWord;
  count: number;
}

/** What became of one version of a row at the platform. */
export interface Confirmation extends AboutRow {
  kind: 'confirmation';
  version: number;
  outcome: ConfirmationWord;
  /** With `cannot`, and only there. */
  because?: CannotReason;
}

/** How a service was abused; about no row and no user. */
export interface ExploitationReport {
  kind: 'exploitation-report';
  readers: ReportReader[];
  harm: string;
  feature: ExploitedFeature;
  technique: ExploitationTechnique;
  scale: ExploitationScale;
  trend: ExploitationTrend;
  /** BCP 47, of what was seen. */
  language?: string;
  /** Whether agencies may be told whose service it was. */
  named?: boolean;
  /** The one text, looked through for people's data before it is kept. */
  text?: string;
}

/** What the platform counted in one month of UTC that has ended; said again, it replaces what was said before. */
export interface MonthlyFigures {
  kind: 'monthly-figures';
  /** `YYYY-MM`. */
  month: string;
  figures: Partial<Record<MonthlyFigure, number>>;
}

/**
 * What a platform answers. No field can say who a user is: there are words of closed lists, counts within bounds over
 * whole hours, and one text that is looked through.
 */
export type Feedback = Sighting | Opinion | Dispute | ActionTaken | Confirmation | ExploitationReport | MonthlyFigures;

/** Answers about a row, which count only from whoever was told of it. */
export type FeedbackOnRow = Exclude<Feedback, ExploitationReport | MonthlyFigures>;

/** Whether an answer is about a row. */
export function isOnRow(feedback: Feedback): feedback is FeedbackOnRow {
  return 'row_id' in feedback;
}
