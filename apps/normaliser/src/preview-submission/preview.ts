import { authorise, type Principal } from '#libs/access';
import { TocsinError, type Bulletin, type ItemCounts } from '#libs/domain';
import { bulletinOfParameters, readSubmissionParameters } from '#libs/events';
import type { DeclaredAdvisory, IgnoredItem, RejectedItem, Revocation } from '#libs/formats';
import { ChunkTally, type LoweredRows } from '../assert-documents/chunk-tally.js';
import type { OpenDocuments } from '../assert-documents/open-documents.js';
import { asItLeaves } from '../decide-items/as-it-leaves.js';
import { holdByWords, type AssertedItem, type HoldVerdict, type ItemDecider } from '../decide-items/item-decider.js';
import type { IdentifiedCandidate } from '../read-documents/reader-messages.js';

/**
 * What would happen to a submission if it were made now, and to whom it would go. Decided by the same function as
 * publication, from the document and the directory alone: it equals the answer for something new, and tells nothing of
 * what is already there (I17).
 */
export interface Preview {
  format: string;
  counts: ItemCounts;
  signals: Record<string, number>;
  /** First signals that would leave, as they would leave. */
  leaves: { position: number; type: string; value: string }[];
  bulletin: boolean;
  channels: { channel: string; title: string; platforms: { name: string; country: string }[] }[];
  platforms: number;
  countries: string[];
  channels_taken_away: { channel: string; because: string }[];
  /** What would wait, by reason, rule and protected list. */
  holds: {
    reason: string;
    scope: string;
    rule: string;
    rule_version: number;
    list?: string;
    items: number;
    missing?: string[];
    /** Fields in which something may identify a person, with what it seems to be. */
    found?: string[];
    positions: number[];
  }[];
  rejected: { position: number; code: string; detail: string }[];
  ignored: Record<string, number>;
  /** Ceilings that the safeguards would lower. */
  ceilings_lowered: LoweredRows[];
  /** Signals of items that would go without them, by type: no channel may carry them. */
  signals_left_out: Record<string, number>;
  problem?: { code: string; detail: string };
}

const MOST_SHOWN = 100;

/** Collects what a preview shows while the document is read. */
class PreviewCollector {
  readonly tally = new ChunkTally();
  readonly declared = new Map<string, DeclaredAdvisory>();
  readonly signals: Record<string, number> = {};
  readonly leaves: Preview['leaves'] = [];
  readonly channels = new Set<string>();
  readonly holds = new Map<string, Preview['holds'][number]>();
  private readonly seen = new Set<string>();

  constructor(private readonly decider: ItemDecider) {}

  take(candidate: IdentifiedCandidate): void {
    const refs = candidate.advisoryRefs?.length ? candidate.advisoryRefs : [undefined];
    const said: { verdict: AssertedItem }[] = [];
    for (const ref of refs) {
      const verdict = this.decider.decide(candidate, ref === undefined ? undefined : this.declared.get(ref));
      if (verdict.verdict === 'forbid') throw new TocsinError('TOC_SUBMISSION_ABOVE_LEVEL', verdict.detail);
      if (verdict.verdict === 'reject') return this.tally.reject(candidate.position, verdict.code, verdict.detail);
      if (verdict.verdict === 'hold') return this.hold(candidate.position, verdict);
      said.push({ verdict });
    }
    const left = asItLeaves(candidate, said, this.decider.context.rowIds);
    const leaving = new Set<number>();
    for (const { verdict } of left.said)
      for (const [index, words] of verdict.signals.entries()) {
        if (!words) continue;
        leaving.add(index);
        this.tally.lower(words.lowered, 1);
        for (const channel of words.channels) this.channels.add(channel);
      }
    this.tally.end(this.isRepeat(candidate) ? 'repeated' : 'asserted');
    for (const [index, { type, value }] of left.candidate.signals.entries()) {
      if (!leaving.has(index)) {
        this.tally.leaveOut(type);
        continue;
      }
      this.signals[type] = (this.signals[type] ?? 0) + 1;
      if (this.leaves.length < MOST_SHOWN) this.leaves.push({ position: candidate.position, type, value });
    }
  }

  passOver(item: RejectedItem | IgnoredItem | Revocation): void {
    const refusal = this.decider.refusalToEnd(item);
    if (refusal) this.tally.reject(item.position, refusal.code, refusal.detail);
    else if (item.kind === 'rejected') this.tally.reject(item.position, item.code, item.detail);
    else if (item.kind === 'ignored') this.tally.ignore(item.what);
    else this.tally.end('asserted');
  }

  hold(
    position: number | undefined,
    hold: Pick<HoldVerdict, 'reason' | 'scope' | 'rule' | 'ruleVersion' | 'detail'>,
  ): void {
    const list = typeof hold.detail.list === 'string' ? hold.detail.list : undefined;
    const key = `${hold.reason}/${hold.rule}/${list ?? ''}`;
    const shown = this.holds.get(key) ?? {
      reason: hold.reason,
      scope: hold.scope,
      rule: hold.rule,
      rule_version: hold.ruleVersion,
      list,
      items: 0,
      positions: [],
    };
    this.holds.set(key, shown);
    for (const name of ['missing', 'found'] as const) {
      const told = hold.detail[name];
      if (Array.isArray(told)) shown[name] = [...new Set([...(shown[name] ?? []), ...told.map(String)])].sort();
    }
    if (position === undefined) return;
    shown.items += 1;
    if (shown.positions.length < MOST_SHOWN) shown.positions.push(position);
    this.tally.end('held');
  }

  private isRepeat({ signals, objectRef }: IdentifiedCandidate): boolean {
    const keys = signals.map(({ id }) => `${objectRef ?? ''}/${id}`);
    const repeat = keys.every((key) => this.seen.has(key));
    for (const key of keys) this.seen.add(key);
    return repeat;
  }
}

/** Previews a document whose bytes are given. Publishes and stores nothing. */
export async function previewSubmission(
  documents: OpenDocuments,
  principal: Principal,
  format: string,
  given: Record<string, unknown>,
  bytes: Buffer,
): Promise<Preview> {
  authorise(principal, 'submission:preview');
  const parameters = readSubmissionParameters(given);
  const decider = await documents.decider({ agencyId: principal.organisationId, receivedAt: new Date() }, parameters);
  const collector = new PreviewCollector(decider);
  const reader = documents.openInline(format, bytes, parameters);
  let problem: Preview['problem'];
  try {
    for (let batch = await reader.next(); batch; batch = await reader.next()) {
      for (const item of batch.items) {
        if (item.kind === 'advisory') collector.declared.set(item.ref, item);
        else if (item.kind === 'forbidden') throw new TocsinError(item.code, item.detail);
        else if (item.kind === 'candidate') collector.take(item);
        else collector.passOver(item);
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
    problem = { code: thrown.code, detail: thrown.detail };
  } finally {
    reader.close();
  }
  return show(collector, decider, format, bulletinOfParameters(parameters), problem);
}

function show(
  collector: PreviewCollector,
  decider: ItemDecider,
  format: string,
  bulletin: Bulletin | undefined,
  problem: Preview['problem'],
): Preview {
  const { directory } = decider.context;
  const words = bulletin ? decider.decideBulletin(bulletin) : decider.decideWords();
  if (bulletin && words.verdict === 'assert') {
    for (const channel of words.channels) collector.channels.add(channel);
    collector.tally.lower(words.lowered, 1);
  }
  if (bulletin && words.verdict === 'hold') collector.hold(undefined, holdByWords(words));
  const channels = [...collector.channels].sort().flatMap((id) => {
    const channel = directory.channel(id);
    if (!channel) return [];
    const platforms = directory.audienceOf(channel.audience).map(({ name, country }) => ({ name, country }));
    return [{ channel: id, title: channel.title, platforms }];
  });
  const names = new Set(channels.flatMap(({ platforms }) => platforms.map(({ name }) => name)));
  const { tally } = collector;
  return {
    format,
    counts: tally.counts,
    signals: collector.signals,
    leaves: problem ? [] : collector.leaves,
    bulletin: bulletin !== undefined,
    channels,
    platforms: names.size,
    countries: [...new Set(channels.flatMap(({ platforms }) => platforms.map(({ country }) => country)))].sort(),
    channels_taken_away: 'routing' in words ? (words.routing?.takenAway ?? []) : [],
    holds: [...collector.holds.values()],
    rejected: tally.rejected.slice(0, MOST_SHOWN).map(([position, code, detail]) => ({ position, code, detail })),
    ignored: tally.ignored,
    ceilings_lowered: tally.lowered,
    signals_left_out: tally.leftOut,
    problem,
  };
}
