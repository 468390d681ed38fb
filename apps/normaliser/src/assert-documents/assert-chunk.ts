import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { type RowIds, TocsinError, type Bulletin, type RejectionCode } from '#libs/domain';
import type { DeclaredAdvisory, IgnoredItem, RejectedItem } from '#libs/formats';
import { AskFirst } from '../ask-first/ask-first.js';
import { REVIEW, reviewOf } from '../ask-first/review.js';
import type { Assertable, StatementVerdict } from '../decide-items/decide-statement.js';
import { asItLeaves } from '../decide-items/as-it-leaves.js';
import { holdByWords, type AssertedItem, type HoldVerdict, type ItemDecider } from '../decide-items/item-decider.js';
import { HoldWriter, type EarlierDecision } from '../hold-for-a-person/hold-writer.js';
import type { Job } from '../job.js';
import type { IdentifiedCandidate, IdentifiedItem } from '../read-documents/reader-messages.js';
import { leaveOutTakenBack } from '../take-back/taken-back.js';
import { WithholdingWriter } from '../withhold-revisions/withholding-writer.js';
import { AssertionWriter, type AssertionEnd } from '../write-rows/assertion-writer.js';
import type { WantedAssertion } from '../write-rows/wanted-assertion.js';
import { restoreBulletin, storeBulletin } from '../write-rows/bulletin-store.js';
import { RowWriter } from '../write-rows/row-writer.js';
import { ChunkTally } from './chunk-tally.js';
import { ObjectOwnership } from './object-ownership.js';
import { ReplacedObjects } from './replaced-objects.js';
import { StoredWords } from './stored-words.js';

/** What one chunk is asserted with. */
export interface ChunkSetting {
  job: Job;
  decider: ItemDecider;
  /** Advisories that the document declared, by producer's ref. */
  declared: ReadonlyMap<string, DeclaredAdvisory>;
  now: Date;
  /** A person let these items go, from what held them: see the decisions kept with them. */
  afterRelease?: boolean;
  /** Its agency is stopped: what is no longer said is taken back, and nothing new is stated. */
  withholds?: boolean;
}

/** Thrown when the document holds something that must not be here; nothing of the chunk is kept. */
export class ForbiddenMatterFound extends Error {
  constructor(
    readonly code: RejectionCode,
    readonly detail: string,
  ) {
    super(detail);
  }
}

interface Decided {
  candidate: IdentifiedCandidate;
  advisories: readonly { advisory?: DeclaredAdvisory; verdict: AssertedItem }[];
}

const BEFORE_TAKEN_BACK = 'what the version before said is taken back';

/** Asserts the items of one chunk in the given transaction. One instance serves one chunk. */
export class ChunkAsserter {
  readonly tally = new ChunkTally();
  private readonly rows: RowWriter;
  private readonly holds: HoldWriter;
  private readonly words: StoredWords;

  constructor(
    private readonly manager: EntityManager,
    private readonly setting: ChunkSetting,
  ) {
    this.rows = new RowWriter(manager, setting.now);
    this.holds = new HoldWriter(manager, setting.job);
    this.words = new StoredWords(manager, setting.job, setting.decider.context.agency);
  }

  async assert(items: readonly IdentifiedItem[]): Promise<ChunkTally> {
    const refs = items.flatMap((item) => ('objectRef' in item && item.objectRef ? [item.objectRef] : []));
    const ownership = await ObjectOwnership.read(this.manager, this.setting.job.agencyId, refs);
    const objects = new ReplacedObjects(ownership);
    const earlier = await this.holds.earlierDecisions(
      items.flatMap((item) => ('position' in item ? [item.position] : [])),
      this.setting.afterRelease ?? false,
    );
    const { decider, job } = this.setting;
    const candidates = items.filter((item) => item.kind === 'candidate');
    // An exercise asks nobody, and nobody is asked because of one.
    const { drill, rowIds } = decider.context;
    const askFirst = await AskFirst.read(this.manager, job.agencyId, drill ? [] : candidates, rowIds);
    const decided: Decided[] = [];
    for (const item of items) {
      if (item.kind === 'advisory') continue;
      if (item.kind === 'forbidden') throw new ForbiddenMatterFound(item.code, item.detail);
      const refusal = item.kind === 'candidate' ? undefined : decider.refusalToEnd(item);
      if (refusal) this.tally.reject(item.position, refusal.code, refusal.detail);
      else if (item.kind === 'rejected' || item.kind === 'ignored') this.passOver(item, objects);
      else if (item.kind === 'revocation') this.revoke(item, objects);
      else this.decide(item, objects, { earlier: earlier.get(item.position), askFirst }, decided);
    }
    await this.assertDecided(decided);
    const said = decided.map(({ candidate }) => candidate);
    await objects.takeBack(this.manager, decider.context.directory, this.rows, job.agencyId, said);
    await ownership.write(this.manager);
    return this.tally;
  }

  /** Writes the holds and the outbox: the last step of the chunk. */
  async finish(): Promise<void> {
    await this.holds.write();
    await this.rows.records.writeTo(this.manager);
    await this.rows.words.writeTo(this.manager, this.setting.job.submissionId);
  }

  private revoke(item: Extract<IdentifiedItem, { kind: 'revocation' }>, objects: ReplacedObjects): void {
    const refusal = objects.revoke(item);
    if (refusal) return this.tally.reject(item.position, refusal.code as RejectionCode, refusal.detail);
    this.tally.end('asserted');
  }

  /** What carries nothing to publish; of an object, it is its newest version all the same. */
  private passOver(item: RejectedItem | IgnoredItem, objects: ReplacedObjects): void {
    const isHarmless = item.kind === 'ignored' && item.harmless;
    const hasEmptied = objects.empty(item, isHarmless);
    if (item.kind === 'ignored') return this.tally.ignore(item.what);
    this.tally.reject(item.position, item.code, hasEmptied ? `${item.detail}; ${BEFORE_TAKEN_BACK}` : item.detail);
  }

  private decide(
    candidate: IdentifiedCandidate,
    objects: ReplacedObjects,
    { earlier, askFirst }: { earlier?: EarlierDecision; askFirst: AskFirst },
    decided: Decided[],
  ): void {
    const { decider, declared, afterRelease } = this.setting;
    if (earlier?.state === 'refused' && !afterRelease)
      return this.tally.reject(candidate.position, 'TOC_ITEM_REFUSED', 'a person decided against this item');
    if (earlier?.state === 'open' && !afterRelease) return this.tally.end('held');
    const named = candidate.advisoryRefs ?? [];
    const kept = named.filter((ref) => !declared.get(ref)?.revoked);
    if (named.length > 0 && kept.length === 0) return this.tally.ignore('of-revoked-advisory');
    const refs = kept.length > 0 ? kept : [undefined];
    const advisories: Decided['advisories'][number][] = [];
    for (const ref of refs) {
      const advisory = ref === undefined ? undefined : declared.get(ref);
      const verdict = decider.decide(candidate, advisory, earlier?.released);
      if (verdict.verdict === 'forbid') throw new ForbiddenMatterFound('TOC_SUBMISSION_ABOVE_LEVEL', verdict.detail);
      if (verdict.verdict === 'reject') {
        const { position, objectRef, objectModified } = candidate;
        const { code, detail } = verdict;
        // Whoever may not submit a list must not come to own its objects either.
        if (code === 'TOC_ITEM_ORIGIN') return this.tally.reject(position, code, detail);
        return this.passOver({ kind: 'rejected', position, code, detail, objectRef, objectModified }, objects);
      }
      if (verdict.verdict === 'hold') {
        if (verdict.scope === 'item') this.holdItem(verdict, candidate, refs);
        else this.holds.holdWhole(verdict);
        return this.tally.end('held');
      }
      advisories.push({ advisory, verdict });
    }
    const first = advisories[0]?.verdict.signals.find((words) => words !== undefined);
    if (first && !earlier?.released.has(REVIEW.rule) && this.waitsForReview(candidate, askFirst, first)) {
      this.holdItem(REVIEW, candidate, refs);
      return this.tally.end('held');
    }
    const { objectRef, objectModified } = candidate;
    const refusal = objectRef && objects.replace({ objectRef, objectModified });
    if (refusal) return this.tally.reject(candidate.position, refusal.code as RejectionCode, refusal.detail);
    const leaving = asItLeaves(candidate, advisories, decider.context.rowIds);
    for (const { verdict } of leaving.said) this.tallySignals(candidate, verdict);
    decided.push({ candidate: leaving.candidate, advisories: leaving.said });
  }

  private holdItem(verdict: HoldVerdict, candidate: IdentifiedCandidate, refs: readonly (string | undefined)[]): void {
    const { decider, declared } = this.setting;
    const advisories = refs.flatMap((ref) => declared.get(ref ?? '') ?? []);
    const words = (advisories.length > 0 ? advisories : [undefined]).map((advisory) =>
      decider.decideWords(candidate.draft, advisory?.draft),
    );
    const channels = new Set(words.flatMap((each) => (each.verdict === 'assert' ? each.channels : [])));
    this.holds.holdItem(verdict, { candidate, declared: advisories }, [...channels].sort());
  }

  /** Whether somebody is to be asked about the item first, or it is drawn; the words are the same. */
  private waitsForReview(candidate: IdentifiedCandidate, askFirst: AskFirst, { statement }: Assertable): boolean {
    const { job, decider } = this.setting;
    const review = reviewOf(candidate, { askFirst, job, agency: decider.context.agency, contact: statement.contact });
    if (review) this.holds.ask(candidate.position, review);
    return review !== undefined;
  }

  private tallySignals({ signals }: IdentifiedCandidate, verdict: AssertedItem): void {
    for (const [index, words] of verdict.signals.entries()) {
      if (words) this.tally.lower(words.lowered, 1);
      else this.tally.leaveOut(signals[index]?.type ?? '');
    }
  }

  private async assertDecided(decided: readonly Decided[]): Promise<void> {
    const all: WantedAssertion[] = [];
    const spans: { item: Decided; from: number; to: number }[] = [];
    for (const item of decided) {
      const from = all.length;
      const refusal = await this.want(item, all);
      if (refusal) this.tally.reject(item.candidate.position, refusal.code as RejectionCode, refusal.detail);
      else spans.push({ item, from, to: all.length });
    }
    const left = await this.leaveOutTakenBack(all);
    const wanted: WantedAssertion[] = [];
    const asserts: { from: number; to: number }[] = [];
    for (const { item, from, to } of spans) {
      const own = left.slice(from, to).filter((assertion) => assertion !== undefined);
      if (own.length === 0 && to > from)
        this.tally.reject(item.candidate.position, 'TOC_ITEM_REVOKED', 'this was taken back meanwhile');
      else asserts.push({ from: wanted.length, to: wanted.push(...own) });
    }
    const ends = await this.writer().write(wanted);
    this.tally.signals += ends.filter((end) => end === 'asserted').length;
    const { askFirst, drill } = this.setting.decider.context;
    if (askFirst && !drill) await this.noteAskFirst(wanted);
    for (const { from, to } of asserts) {
      const own = ends.slice(from, to);
      const hold = holdOf(own);
      if (hold) {
        this.holds.holdWhole(hold);
        this.tally.end('held');
      } else this.tally.end(own.includes('asserted') ? 'asserted' : 'repeated');
    }
  }

  private noteAskFirst(wanted: readonly WantedAssertion[]): Promise<void> {
    const rows = wanted.map(({ rowId, statement }) => ({ rowId, until: statement.statement.validUntil }));
    return AskFirst.note(this.manager, this.setting.job.agencyId, rows);
  }

  private leaveOutTakenBack(wanted: readonly WantedAssertion[]): Promise<readonly (WantedAssertion | undefined)[]> {
    if (!this.words.anyTakenBack) return Promise.resolve(wanted);
    return leaveOutTakenBack(this.manager, wanted, this.setting.job.receivedAt);
  }

  /** Adds the assertions of an item. @returns why the item cannot be asserted, if so */
  private async want({ candidate, advisories }: Decided, wanted: WantedAssertion[]): Promise<TocsinError | undefined> {
    const own: WantedAssertion[] = [];
    for (const { advisory, verdict } of advisories) {
      const stored = await this.words.advisory(advisory);
      if (stored instanceof TocsinError) return stored;
      for (const [index, { id, type, value, quality }] of candidate.signals.entries()) {
        const words = verdict.signals[index];
        if (!words) continue;
        const statement = await this.words.statement(stored, words);
        own.push({
          advisoryId: stored.id,
          revision: stored.revision,
          rowId: id,
          subject: { signal: { type, value } },
          objectKey: candidate.objectRef ?? '',
          quality,
          statement,
        });
      }
    }
    wanted.push(...own);
    return undefined;
  }

  /**
   * States a bulletin as a row of its advisory. Its words are part of the digest, so that changed words are a new
   * version. @returns whether it waits for a second person because its marking would be lower (I6)
   */
  async assertBulletin(
    bulletin: Bulletin,
    rowIds: RowIds,
    verdict: Assertable,
    declared?: DeclaredAdvisory,
  ): Promise<void> {
    const advisory = await this.words.advisory(declared);
    if (advisory instanceof TocsinError) return;
    const rowId = rowIds.ofBulletin(advisory.id);
    this.tally.lower(verdict.lowered, 1);
    const before = this.setting.withholds ? undefined : await storeBulletin(this.manager, rowId, advisory.id, bulletin);
    const digest = createHash('sha256').update(verdict.digest).update(JSON.stringify(bulletin)).digest();
    const statement = await this.words.statement(advisory, { ...verdict, digest });
    const subject = { bulletin };
    const [wanted] = await this.leaveOutTakenBack([
      { advisoryId: advisory.id, revision: advisory.revision, rowId, subject, objectKey: 'bulletin', statement },
    ]);
    const ends = wanted ? await this.writer().write([wanted]) : [];
    const hold = holdOf(ends);
    if (hold) this.holds.holdWhole(hold, 0);
    // Words that nobody let go yet must not be what the row says.
    if (before && !ends.includes('asserted')) await restoreBulletin(this.manager, rowId, before.body);
  }

  /** A bulletin whose words are not complete waits with the submission. */
  holdBulletin(words: Extract<StatementVerdict, { verdict: 'hold' }>): void {
    this.holds.holdWhole(holdByWords(words), 0);
  }

  private writer(): AssertionWriter | WithholdingWriter {
    const { job, decider, withholds } = this.setting;
    const { directory } = decider.context;
    if (withholds) return new WithholdingWriter(this.manager, directory, this.rows);
    return new AssertionWriter(this.manager, directory, this.rows, job.released.includes('marking-lowered'));
  }
}

/** Why the assertions of an item wait with the submission, if they do. */
function holdOf(ends: readonly AssertionEnd[]): HoldVerdict | undefined {
  const reason = ends.includes('lowered')
    ? 'marking-lowered'
    : ends.includes('withheld')
      ? 'publishing-stopped'
      : undefined;
  return reason && { verdict: 'hold', scope: 'submission', reason, rule: reason, ruleVersion: 1, detail: {} };
}
