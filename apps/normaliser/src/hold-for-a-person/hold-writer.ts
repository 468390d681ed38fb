import { randomUUID } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { DeclaredAdvisory } from '#libs/formats';
import type { Review } from '../ask-first/review.js';
import { holdKey, type HoldVerdict } from '../decide-items/item-decider.js';
import type { Job } from '../job.js';
import type { IdentifiedCandidate } from '../read-documents/reader-messages.js';

/** What people decided about an item, in an earlier reading or just now. */
export interface EarlierDecision {
  /** One refusal is enough; as long as anything is open nothing is decided. */
  state: 'open' | 'released' | 'refused';
  /** What it was let go from, by {@link holdKey}. */
  released: Set<string>;
}

/** An item that waits, with the advisories that its document declared for it: all that a release needs. */
export interface HeldItem {
  candidate: IdentifiedCandidate;
  declared: DeclaredAdvisory[];
}

/** Where an item would be published, when its words are complete. */
type Channels = readonly string[];

/** What the holds of a submission's items name together: fields that are missing, and where something was found. */
const GATHERED = ['missing', 'found'] as const;
type Gathered = (typeof GATHERED)[number];

interface WholeHold {
  verdict: HoldVerdict;
  items: number;
  named: Record<Gathered, Set<string>>;
}

/** Opens holds of one chunk in its transaction. */
export class HoldWriter {
  private readonly items: { verdict: HoldVerdict; held: HeldItem; channels: Channels }[] = [];
  private readonly whole = new Map<string, WholeHold>();
  /** By position: when an item goes on by itself, and who is asked until then. */
  private readonly reviews = new Map<number, Review>();

  constructor(
    private readonly manager: EntityManager,
    private readonly job: Job,
  ) {}

  /**
   * What people decided about items at these positions.
   * @param afterRelease somebody has just decided, so that there is something even in the first reading
   */
  async earlierDecisions(
    positions: readonly number[],
    afterRelease: boolean,
  ): Promise<ReadonlyMap<number, EarlierDecision>> {
    const decisions = new Map<number, EarlierDecision>();
    if ((this.job.pass === 1 && !afterRelease) || positions.length === 0) return decisions;
    const rows = await this.manager.query<
      { position: string; state: EarlierDecision['state']; rule: string; detail: Record<string, unknown> }[]
    >(
      `SELECT position, state, rule, detail FROM normaliser.hold
        WHERE submission_id = $1 AND scope = 'item' AND position = ANY($2) AND state <> 'completed'`,
      [this.job.submissionId, positions],
    );
    for (const { position, state, rule, detail } of rows) {
      const decision = decisions.get(Number(position)) ?? { state, released: new Set() };
      decisions.set(Number(position), decision);
      if (state === 'released') decision.released.add(holdKey({ rule, detail }));
      if (state === 'refused' || (state === 'open' && decision.state === 'released')) decision.state = state;
    }
    return decisions;
  }

  /** Notes of an item that is held: when it goes on by itself, and who is asked until then. */
  ask(position: number, review: Review): void {
    this.reviews.set(position, review);
  }

  holdItem(verdict: HoldVerdict, held: HeldItem, channels: Channels): void {
    this.items.push({ verdict, held, channels });
  }

  /** Counts items that wait for the submission as a whole; nothing of them is stored. A bulletin is no item. */
  holdWhole(verdict: HoldVerdict, items = 1): void {
    const entry = this.whole.get(verdict.reason) ?? {
      verdict,
      items: 0,
      named: { missing: new Set(), found: new Set() },
    };
    this.whole.set(verdict.reason, entry);
    entry.items += items;
    for (const name of GATHERED) {
      const told = verdict.detail[name];
      if (Array.isArray(told)) for (const word of told) entry.named[name].add(String(word));
    }
  }

  async write(): Promise<void> {
    await this.insert(
      this.items.map(({ verdict, held, channels }) => ({ verdict, detail: verdict.detail, held, channels })),
    );
    for (const whole of this.whole.values()) await this.openWhole(whole);
  }

  private async openWhole({ verdict, items, named }: WholeHold): Promise<void> {
    const [open] = await this.manager.query<
      { id: string; detail: { items?: number } & { [Name in Gathered]?: string[] } }[]
    >(
      `SELECT id, detail FROM normaliser.hold
        WHERE submission_id = $1 AND scope = 'submission' AND reason = $2 AND state = 'open' FOR UPDATE`,
      [this.job.submissionId, verdict.reason],
    );
    const detail: Record<string, unknown> = { ...verdict.detail, items: (open?.detail.items ?? 0) + items };
    for (const name of GATHERED) {
      const words = [...new Set([...(open?.detail[name] ?? []), ...named[name]])].sort();
      if (words.length > 0) detail[name] = words;
    }
    if (open)
      await this.manager.query('UPDATE normaliser.hold SET detail = $2 WHERE id = $1', [
        open.id,
        JSON.stringify(detail),
      ]);
    else await this.insert([{ verdict, detail }]);
  }

  private async insert(
    holds: readonly { verdict: HoldVerdict; detail: object; held?: HeldItem; channels?: Channels }[],
  ): Promise<void> {
    if (holds.length === 0) return;
    const { submissionId, agencyId, personId, completedBy } = this.job;
    const reviews = holds.map(({ held, verdict }) =>
      held && verdict.reason === 'review' ? this.reviews.get(held.candidate.position) : undefined,
    );
    await this.manager.query(
      `INSERT INTO normaliser.hold (id, submission_id, agency_id, submitted_by, completed_by, scope, reason, rule, rule_version, detail, position, candidate, asked, due_at, channels)
       SELECT h.id, $1, $2, $3, $12, h.scope, h.reason, h.rule, h.rule_version, h.detail, h.position, h.candidate,
              h.asked, now() + h.due_in_hours * interval '1 hour',
              (SELECT array_agg(c) FROM jsonb_array_elements_text(h.channels) AS c)
         FROM unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::jsonb[], $10::bigint[], $11::jsonb[],
                     $13::jsonb[], $14::integer[], $15::jsonb[])
              AS h(id, scope, reason, rule, rule_version, detail, position, candidate, asked, due_in_hours, channels)`,
      [
        submissionId,
        agencyId,
        personId,
        holds.map(() => randomUUID()),
        holds.map(({ verdict }) => verdict.scope),
        holds.map(({ verdict }) => verdict.reason),
        holds.map(({ verdict }) => verdict.rule),
        holds.map(({ verdict }) => verdict.ruleVersion),
        holds.map(({ detail }) => JSON.stringify(detail)),
        holds.map(({ held }) => held?.candidate.position ?? null),
        holds.map(({ held }) => (held ? JSON.stringify(held) : null)),
        completedBy,
        reviews.map((review) => (review?.asked ? JSON.stringify(review.asked) : null)),
        reviews.map((review) => review?.dueInHours ?? null),
        holds.map(({ channels }) => (channels ? JSON.stringify(channels) : null)),
      ],
    );
  }
}
