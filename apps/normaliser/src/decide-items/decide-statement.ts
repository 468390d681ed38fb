import { createHash } from 'node:crypto';
import {
  compareTlp,
  completeStatement,
  LONGEST_VALIDITY_DAYS,
  mayCarry,
  type Bulletin,
  type HoldReason,
  type RejectionCode,
  type RowIds,
  type Statement,
  type StatementDraft,
  type Tlp,
} from '#libs/domain';
import { judgeStatement, lowerCeilings, type LoweredCeiling } from '#libs/safeguards';
import type { Flood } from '../notice-floods/floods.js';
import type { RoutingOutcome } from '../job.js';
import type { Agency, DirectorySnapshot } from '../read-directory/directory-snapshot.js';

/** What is decided about the words of an item, before its signals are looked at. */
export type StatementVerdict =
  | {
      verdict: 'assert';
      statement: Statement;
      channels: string[];
      digest: Buffer;
      routing: RoutingOutcome;
      /** An address of abuse material leaves as a hash alone. */
      asHash?: true;
      /** Ceilings that the safeguards lowered in the statement. */
      lowered: readonly LoweredCeiling[];
    }
  | {
      verdict: 'hold';
      reason: HoldReason;
      detail: Record<string, unknown>;
      routing?: RoutingOutcome;
      /** The rule of the safeguards that decided; otherwise the reason is the rule. */
      rule?: { id: string; version: number };
    }
  | { verdict: 'reject'; code: RejectionCode; detail: string }
  | { verdict: 'forbid'; detail: string };

export type Assertable = Extract<StatementVerdict, { verdict: 'assert' }>;

/** Everything that the decision depends on; the same for publication and preview. */
export interface DecisionContext {
  directory: DirectorySnapshot;
  agency: Agency;
  /** What the submission's parameters say. */
  spoken: StatementDraft;
  /** Channels named by the parameters. */
  channels?: readonly string[];
  drill: boolean;
  /** Others who assert something about the same signals are to ask this agency first. */
  askFirst: boolean;
  receivedAt: Date;
  highestTlp: Tlp;
  /** What a second person let the submission as a whole go from, with the words as they are. */
  released: ReadonlySet<HoldReason>;
  /** Ids of what leaves as something else than it was submitted as. */
  rowIds: RowIds;
  /** The items are more than the agency may assert without anybody looking. */
  flood?: Flood;
}

const DAY = 86_400_000;
/** Nothing that is spoken of here is older; a clock that was never set is. */
const EARLIEST = Date.parse('1990-01-01T00:00:00Z');

function timeProblem(statement: Statement, now: number): string | undefined {
  const from = Date.parse(statement.validFrom);
  const until = Date.parse(statement.validUntil);
  if (Number.isNaN(from) || Number.isNaN(until)) return 'a validity time cannot be read';
  if (Math.min(from, Date.parse(statement.lastSeenLiveAt ?? statement.validFrom)) < EARLIEST)
    return 'a time is before 1990';
  if (until <= from) return 'valid_until is not after valid_from';
  if (until <= now) return 'valid_until has passed';
  if (until > now + LONGEST_VALIDITY_DAYS * DAY) return `valid_until is more than ${LONGEST_VALIDITY_DAYS} days away`;
  if (from > now + LONGEST_VALIDITY_DAYS * DAY) return 'valid_from is too far away';
  if (statement.lastSeenLiveAt && Date.parse(statement.lastSeenLiveAt) > now + DAY)
    return 'last_seen_live_at is in the future';
  return undefined;
}

function decideChannels(context: DecisionContext, statement: Statement): RoutingOutcome {
  const outcome: RoutingOutcome = { kept: [], takenAway: [] };
  for (const id of new Set(context.channels ?? context.agency.defaultChannels)) {
    const channel = context.directory.channel(id);
    if (!channel) outcome.takenAway.push({ channel: id, because: 'unknown' });
    else if (!channel.open) outcome.takenAway.push({ channel: id, because: 'closed' });
    else if (context.drill && !channel.drill) outcome.takenAway.push({ channel: id, because: 'drill' });
    else if (!mayCarry(channel, statement.marking, context.directory.countryOf))
      outcome.takenAway.push({ channel: id, because: 'marking' });
    else outcome.kept.push(id);
  }
  outcome.kept.sort();
  return outcome;
}

/** What is stored once for everything that is said in the same words to the same channels. */
export function digestOf(statement: Statement, channels: readonly string[]): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([statement, channels]))
    .digest();
}

/**
 * Decides what is said about an item and to whom: completes the statement from the format's words, the advisory's, the
 * parameters and the agency's defaults, checks its times and marking, and routes it. Reads nothing but the context.
 * @param drafts what the format said: of the item first, then of its advisory
 * @param bulletin the words that go with it, when they are what is decided about
 */
export function decideStatement(
  context: DecisionContext,
  drafts: readonly StatementDraft[],
  bulletin?: Bulletin,
): StatementVerdict {
  const completion = completeStatement(
    [...drafts, context.spoken],
    context.agency.defaults,
    context.agency.desks,
    context.receivedAt,
  );
  if (!completion.complete) {
    const { missing, unknownDesk } = completion;
    return {
      verdict: 'hold',
      reason: 'missing-fields',
      detail: { missing, ...(unknownDesk ? { unknown_desk: unknownDesk } : {}) },
    };
  }
  const { statement, lowered } = lowerCeilings(completion.statement);
  if (compareTlp(statement.marking.tlp, context.highestTlp) > 0) {
    return { verdict: 'forbid', detail: 'a marking is above the level of this deployment' };
  }
  const problem = timeProblem(statement, context.receivedAt.getTime());
  if (problem) return { verdict: 'reject', code: 'TOC_ITEM_TIME', detail: problem };
  const { agency, receivedAt, released } = context;
  const facts = { permittedLists: agency.permittedLists, receivedAt };
  const ruling = judgeStatement(statement, facts, released, bulletin);
  if (ruling?.ruling === 'reject') return { verdict: 'reject', code: ruling.code, detail: ruling.detail };
  if (ruling) {
    const { reason, detail, rule } = ruling;
    return { verdict: 'hold', reason, detail, rule };
  }
  // A referral asks something of whoever hosts an item, so it is about items; which of them are hosted, is seen one by one.
  if (statement.nature === 'order-notice' || (statement.nature === 'referral' && bulletin !== undefined))
    return { verdict: 'hold', reason: 'nature-needs-safeguards', detail: { nature: statement.nature } };
  if (statement.nature === 'referral' && !statement.jurisdiction)
    return { verdict: 'hold', reason: 'missing-fields', detail: { missing: ['jurisdiction'] } };
  const routing = decideChannels(context, statement);
  if (routing.takenAway.some(({ because }) => because === 'unknown' || because === 'closed')) {
    return { verdict: 'hold', reason: 'unknown-channel', detail: { taken_away: routing.takenAway }, routing };
  }
  if (routing.kept.length === 0) {
    return { verdict: 'hold', reason: 'no-audience', detail: { taken_away: routing.takenAway }, routing };
  }
  if (context.flood && !released.has('flood'))
    return { verdict: 'hold', reason: 'flood', detail: { allowed_a_day: context.flood.allowedADay }, routing };
  const digest = digestOf(statement, routing.kept);
  return { verdict: 'assert', statement, channels: routing.kept, digest, routing, lowered };
}
