import {
  compareTlp,
  HOLD_REASONS,
  isCsea,
  isExactHash,
  licenceFor,
  type Bulletin,
  type Country,
  type HoldReason,
  type RejectionCode,
  type Marking,
} from '#libs/domain';
import type { Candidate, CandidateSignal, DeclaredAdvisory } from '#libs/formats';
import { judgeSignal } from '#libs/safeguards';
import { decideStatement, type Assertable, type DecisionContext, type StatementVerdict } from './decide-statement.js';
import { SignalPlacer, type Placement } from './place-signal.js';

/** An item that is asserted: what is said about each of its signals, in their order; undefined for one that goes nowhere. */
export interface AssertedItem {
  verdict: 'assert';
  signals: readonly (Assertable | undefined)[];
}

/** A hold of one item or of the whole submission, with the rule that decided. */
export interface HoldVerdict {
  verdict: 'hold';
  scope: 'submission' | 'item';
  reason: HoldReason;
  rule: string;
  ruleVersion: number;
  detail: Record<string, unknown>;
}

/** What a release lets an item go from: the rule that held it and, where there are lists, the list. */
export function holdKey({ rule, detail }: Pick<HoldVerdict, 'rule' | 'detail'>): string {
  return typeof detail.list === 'string' ? `${rule}/${detail.list}` : rule;
}

type Refusal = Extract<StatementVerdict, { verdict: 'reject' | 'forbid' }>;

export type ItemVerdict = AssertedItem | HoldVerdict | Refusal;

const RULE_VERSION = 1;
/** Different words in one document that are remembered; more than that is decided again. */
const REMEMBERED = 10_000;

/**
 * Decides items of one submission. Items that say the same words share one decision, so that a list of a million
 * values is decided once and only its values are looked at one by one.
 */
export class ItemDecider {
  private readonly decided = new Map<string, StatementVerdict>();
  private readonly placer: SignalPlacer;
  private plain?: StatementVerdict;

  constructor(readonly context: DecisionContext) {
    this.placer = new SignalPlacer(context);
  }

  /** The decision about words alone, for an item or a bulletin. */
  decideWords(item?: Candidate['draft'], advisory?: DeclaredAdvisory['draft']): StatementVerdict {
    if (!item && !advisory) return (this.plain ??= decideStatement(this.context, []));
    const key = JSON.stringify([item, advisory]);
    let verdict = this.decided.get(key);
    if (!verdict) {
      verdict = decideStatement(
        this.context,
        [item, advisory].filter((draft) => draft !== undefined),
      );
      if (this.decided.size >= REMEMBERED) this.decided.clear();
      this.decided.set(key, verdict);
    }
    return verdict;
  }

  /**
   * Why an item that ends an entry may not: whoever may not submit a list of others must not come to own its entries by
   * ending them, before the list's owner states them.
   */
  refusalToEnd({ ofList }: { ofList?: string }): { code: RejectionCode; detail: string } | undefined {
    if (ofList === undefined || this.context.agency.permittedLists.has(ofList)) return undefined;
    return {
      code: 'TOC_ITEM_ORIGIN',
      detail: 'it ends an entry of a list of others, which this agency may not submit',
    };
  }

  /** The decision about a bulletin, with the words that it goes with. */
  decideBulletin(bulletin: Bulletin, advisory?: DeclaredAdvisory['draft']): StatementVerdict {
    return decideStatement(this.context, advisory ? [advisory] : [], bulletin);
  }

  /**
   * The decision about a candidate, for one of the advisories that contain it.
   * @param released what people let it go from, by {@link holdKey}: that does not hold it again, anything else does
   */
  decide(candidate: Candidate, advisory?: DeclaredAdvisory, released?: ReadonlySet<string>): ItemVerdict {
    const words = this.decideWords(candidate.draft, advisory?.draft);
    if (words.verdict === 'hold') {
      return holdByWords(words);
    }
    if (words.verdict !== 'assert') return words;
    const placements: Placement[] = [];
    for (const signal of candidate.signals) {
      const verdict = this.decideSignal(signal, words);
      const isLetGo =
        verdict?.verdict === 'hold' && released?.has(holdKey(verdict)) && HOLD_REASONS[verdict.reason].releasable;
      if (verdict && !isLetGo) return verdict;
      placements.push(this.placer.place(signal, words));
    }
    return placedItem(candidate, placements, isCsea(words.statement.harms) || this.isOfAbuseBeside());
  }

  private decideSignal(signal: CandidateSignal, { statement }: Assertable): HoldVerdict | Refusal | undefined {
    if (signal.type === 'url-sha256')
      return { verdict: 'reject', code: 'TOC_ITEM_TYPE', detail: 'hashed addresses are made here; submit the address' };
    const ofAbuse = isCsea(statement.harms);
    // An address leaves as a hash; a name or a phrase of abuse material cannot leave at all.
    const mayLeave =
      isExactHash(signal.type) || signal.type === 'url' || licenceFor(signal.type, ofAbuse) !== undefined;
    if (ofAbuse && !mayLeave) {
      return {
        verdict: 'hold',
        scope: 'item',
        reason: 'csea-not-cryptographic',
        rule: 'csea-not-cryptographic',
        ruleVersion: RULE_VERSION,
        detail: { type: signal.type },
      };
    }
    const ruling = judgeSignal(signal, statement, this.context.directory.safeguards);
    if (!ruling) return undefined;
    if (ruling.ruling === 'reject') return { verdict: 'reject', code: ruling.code, detail: ruling.detail };
    const { rule, reason, detail } = ruling;
    // Who else may be shown the hold is decided by the words' own marking.
    const told = {
      ...detail,
      releasable_to: countriesToldOf(statement.marking),
      ...((isCsea(statement.harms) || this.isOfAbuseBeside()) && { csea: true }),
    };
    return { verdict: 'hold', scope: 'item', reason, rule: rule.id, ruleVersion: rule.version, detail: told };
  }

  /** Whether what stands beside the document speaks of abuse material, as it does for advisories that name no harm. */
  private isOfAbuseBeside(): boolean {
    const { spoken, agency } = this.context;
    return isCsea(spoken.harms ?? agency.defaults.harms ?? []);
  }
}

/** What becomes of an item whose signals go here and there, or nowhere: then it waits. */
function placedItem(
  { signals }: Candidate,
  placements: readonly Placement[],
  ofAbuse: boolean,
): AssertedItem | HoldVerdict {
  const placed = placements.map((placement) => ('nowhere' in placement ? undefined : placement));
  const first = placements.findIndex((placement) => 'nowhere' in placement);
  if (first < 0 || placed.some((words) => words !== undefined)) return { verdict: 'assert', signals: placed };
  const placement = placements[first];
  const because = placement && 'nowhere' in placement ? placement.nowhere : undefined;
  const type = signals[first]?.type;
  const reason =
    ofAbuse && type === 'url' && because === 'licence' ? 'csea-not-cryptographic' : 'no-channel-for-signal';
  const detail = { because, type, ...(ofAbuse && { csea: true }) };
  return { verdict: 'hold', scope: 'item', reason, rule: reason, ruleVersion: RULE_VERSION, detail };
}

/** A hold by the words alone, with the rule that decided. */
export function holdByWords({ reason, detail, rule }: Extract<StatementVerdict, { verdict: 'hold' }>): HoldVerdict {
  const { scope } = HOLD_REASONS[reason];
  return {
    verdict: 'hold',
    scope,
    reason,
    rule: rule?.id ?? reason,
    ruleVersion: rule?.version ?? RULE_VERSION,
    detail,
  };
}

/** Countries whose agencies may see words that wait; none where the marking keeps them with whoever said them. */
function countriesToldOf({ tlp, caveats, releasableTo }: Marking): Country[] | 'all' {
  return compareTlp(tlp, 'amber') <= 0 && caveats.length === 0 ? releasableTo : [];
}
