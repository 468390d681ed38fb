import type { Bulletin, Ceiling, Country, HoldReason, RejectionCode, Statement } from '#libs/domain';
import type { ProtectedLists } from './protected-lists/protected-lists.js';

/** One rule, as data. Decisions name its id and version; whoever changes what it does raises the version. */
export interface SafeguardRule {
  readonly id: string;
  readonly version: number;
  readonly does: 'hold' | 'reject' | 'lower-ceiling' | 'shorten-validity';
  /** One sentence for people: what it does, and when. */
  readonly says: string;
}

/** What the safeguards look up: a snapshot of what operators keep in the directory. */
export interface SafeguardFacts {
  readonly protectedLists: ProtectedLists;
}

/** What is known of the agency that makes a statement. */
export interface StatementFacts {
  /** Lists of third parties that it may submit: operators recorded their owners' permission. */
  readonly permittedLists: ReadonlySet<string>;
  /** The moment of receipt, from which validity counts. */
  readonly receivedAt: Date;
}

/** A signal as it is judged; the value is canonical. */
export interface JudgedSignal {
  type: string;
  value: string;
  /** Quality of a perceptual hash, 0–100, where it is known. */
  quality?: number;
}

/** Why a signal, or a statement with all that it is about, is not published as it is. No text of it repeats a value. */
export type Ruling =
  | { ruling: 'hold'; rule: SafeguardRule; reason: HoldReason; detail: Record<string, unknown> }
  | { ruling: 'reject'; rule: SafeguardRule; code: RejectionCode; detail: string };

/** One ceiling that a rule lowered; for one country where it is that country's own. */
export interface LoweredCeiling {
  rule: SafeguardRule;
  from: Ceiling;
  to: Ceiling;
  country?: Country;
}

/** One safeguard: its rules, and how it judges. Plain functions of what they are given. */
export interface Safeguard {
  readonly id: string;
  readonly rules: readonly SafeguardRule[];
  /** Judges a signal about which the statement is made; called for each of a million hashes. */
  judgeSignal?(signal: JudgedSignal, statement: Statement, facts: SafeguardFacts): Ruling | undefined;
  /** Judges a statement, and the bulletin that it goes with, for everything that it is said about. */
  judgeStatement?(statement: Statement, facts: StatementFacts, bulletin?: Bulletin): Ruling | undefined;
  /** Lowers what a statement lets platforms do where it goes too far; never raises it. */
  lowerCeilings?(statement: Statement): { statement: Statement; lowered: LoweredCeiling[] };
}
