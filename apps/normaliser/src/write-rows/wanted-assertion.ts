import type { RowSubject } from '#libs/events';
import type { StoredStatement } from './statement-store.js';

/** One signal (or bulletin) that one advisory states something about. */
export interface WantedAssertion {
  advisoryId: string;
  /** Revision of the advisory that is being written; an assertion seen twice in one revision is a repeat. */
  revision: number;
  rowId: string;
  subject: RowSubject;
  /** Producer's id of the object, or ''. */
  objectKey: string;
  quality?: number;
  statement: StoredStatement;
}
