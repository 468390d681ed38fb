/**
 * The words of an advisory that an officer wrote as releasable. It travels as a channel row of its own, with or
 * without signals.
 */
export interface Bulletin {
  title: string;
  whatIsHappening?: string;
  howToRecognise?: string;
  whatToDo?: string;
}

/** Longest text of one field of a bulletin, in UTF-16 code units. */
export const BULLETIN_TEXT_LIMIT = 10_000;
