/** A message, item or submission that could not be worked on, without its payload's values. */
export interface DeadLetterView {
  id: string;
  source: string;
  position: string;
  code: string;
  detail: string;
  bytes: number;
  at: string;
  replayed_at?: string;
}
