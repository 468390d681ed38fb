import type { ErrorFacts, RejectionCode } from '#libs/domain';
import type { DroppedThing } from '../contents.js';
import type { OpeningLimits } from '../limits.js';
import type { SaidBeside } from '../open-container.js';

/** The first line that the child reads; the bytes of the container follow. */
export interface OpeningOrder {
  said: SaidBeside;
  limits: OpeningLimits;
}

/** The first line that the child writes; the bytes of the aside and of the documents follow. */
export type OpeningAnswer =
  | { rejected: { code: RejectionCode; detail: string; facts: ErrorFacts } }
  | { broken: true }
  | {
      opened: {
        container: string;
        documents: { name: string; format: string; bytes: number; positions: number }[];
        dropped: DroppedThing[];
        droppedMore: number;
        asideBytes: number;
      };
    };
