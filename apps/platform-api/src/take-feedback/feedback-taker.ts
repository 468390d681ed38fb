import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import type { Principal } from '#libs/access';
import { isOnRow, readFeedback, type Feedback } from '#libs/domain';
import { FEEDBACK_TOPIC } from '#libs/events';
import { changeState, writeOutbox } from '#libs/persistence';
import { confirmOwed } from '../follow-word-ends/confirm-owed.js';
import { dutiesOfChannel } from '../follow-word-ends/duty-locks.js';
import { answeredBefore, keepAnswer } from './answered-requests.js';
import { disclosedRows, rowKey } from './disclosed-rows.js';
import { FeedbackDay, FeedbackQuota } from './feedback-day.js';
import type { ItemAnswer } from './feedback.dto.js';
import { feedbackRecord, type TakenFeedback } from './feedback-record.js';
import { smuggledIn } from './smuggled.js';

const ORDINARY = 1;

/** Takes what platforms answer, item by item: one transaction, one audit row, one outbox row. */
@Injectable()
export class FeedbackTaker {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly quota: FeedbackQuota,
  ) {}

  /**
   * @param key an idempotency key, under which a repeat gets the same answer; what was refused as a whole may come again
   * @returns the answer to each item, in their order
   * @throws a rejection `TOC_SUBMISSION_IDEMPOTENCY` when the key was used with other items
   */
  take(principal: Principal, given: readonly unknown[], key?: string): Promise<ItemAnswer[]> {
    return this.takeItems(
      principal,
      given.map((item) => ({ item })),
      key,
    );
  }

  /** Takes items that came in another form. @param given as {@link take} */
  takeItems(principal: Principal, given: readonly GivenItem[], key?: string): Promise<ItemAnswer[]> {
    const now = new Date();
    const { organisationId: platformId, personId } = principal;
    const said = given.map(({ item, tells }) => (tells ? [item, tells] : item));
    const digest = createHash('sha256').update(JSON.stringify(said)).digest();
    const request = key === undefined ? undefined : { platformId, key, digest };
    const judged = given.map((item) => judgeItem(item, principal, now));
    return changeState(this.database, 'platform_api', async (manager) => {
      const day = await FeedbackDay.open(manager, platformId, now, this.quota);
      const before = request && (await answeredBefore(manager, request));
      if (before) return { result: before, audit: undefined };
      const taken = await admitItems(manager, platformId, judged, day, now);
      const answers = judged.map(answerTo);
      if (taken.length === 0) return { result: answers, audit: undefined };
      await day.close();
      await insertFeedback(manager, personId, taken);
      await confirmWhatIsOwed(manager, platformId, taken);
      if (request) await keepAnswer(manager, request, answers);
      await writeOutbox(manager, 'platform_api', ORDINARY, FEEDBACK_TOPIC, taken.map(feedbackRecord));
      const byKind = Map.groupBy(taken, ({ feedback }) => feedback.kind);
      const audit = {
        actor: personId,
        action: 'give-feedback',
        subject: `platform/${platformId}`,
        detail: Object.fromEntries([...byKind].map(([kind, ofKind]) => [kind, ofKind.length])),
      };
      return { result: answers, audit };
    });
  }
}

/** Finds out which items may be kept, and notes in each what became of it. */
async function admitItems(
  manager: EntityManager,
  platformId: string,
  judged: readonly JudgedItem[],
  day: FeedbackDay,
  receivedAt: Date,
): Promise<TakenFeedback[]> {
  const onRows = judged.flatMap(({ feedback }) => (feedback && isOnRow(feedback) ? [feedback] : []));
  const disclosed = await disclosedRows(manager, platformId, onRows);
  const taken: TakenFeedback[] = [];
  for (const item of judged) {
    const { feedback } = item;
    if (!feedback) continue;
    if (isOnRow(feedback) && !disclosed.has(rowKey(feedback)))
      item.refused = { code: 'TOC_FEEDBACK_NOT_DISCLOSED', detail: 'no such row was disclosed to this platform' };
    else if (!day.admit(feedback.kind === 'dispute'))
      item.refused = { code: 'TOC_FEEDBACK_QUOTA', detail: 'the platform has answered as much as it may in a day' };
    else {
      item.id = uuid();
      taken.push({ id: item.id, platformId, receivedAt, feedback });
    }
  }
  return taken;
}

/** An item, and what the form in which it came said beside it. */
export interface GivenItem {
  /** As {@link readFeedback} reads it. */
  item: unknown;
  /** Looked through, and not kept. */
  texts?: readonly string[];
  /** What is wrong with the form. */
  problems?: readonly string[];
  /** What its sender calls it. */
  tells?: ItemAnswer['tells'];
}

/** An item on its way: what it says if it can be read, and what became of it. */
interface JudgedItem {
  feedback?: Feedback;
  id?: string;
  refused?: Pick<ItemAnswer, 'code' | 'detail' | 'problems'>;
  tells?: ItemAnswer['tells'];
}

/** What can be told from an item alone. */
function judgeItem(
  { item, texts = [], problems = [], tells }: GivenItem,
  { country }: Principal,
  now: Date,
): JudgedItem {
  const read = readFeedback(item, now);
  if (!read.ok || problems.length > 0) {
    const all = [...problems, ...(read.ok ? [] : read.problems)];
    const detail = `${all.length} field(s) are not valid`;
    return { tells, refused: { code: 'TOC_ITEM_MALFORMED', detail, problems: all } };
  }
  const { feedback } = read;
  const own = feedback.kind === 'exploitation-report' && feedback.text !== undefined ? [feedback.text] : [];
  const found = [...new Set([...texts, ...own].flatMap((text) => smuggledIn(text, country)))];
  if (found.length === 0) return { tells, feedback };
  const detail = 'the text says what may identify a person: leave it out';
  return { tells, refused: { code: 'TOC_FEEDBACK_PEOPLE_DATA', detail, problems: found } };
}

function answerTo({ id, refused, tells }: JudgedItem, position: number): ItemAnswer {
  const about = tells ? { position, tells } : { position };
  return id === undefined ? { ...about, state: 'rejected', ...refused } : { ...about, state: 'accepted', id };
}

async function insertFeedback(
  manager: EntityManager,
  personId: string,
  taken: readonly TakenFeedback[],
): Promise<void> {
  const rows = taken.map(({ id, platformId, receivedAt, feedback }) => {
    const {
      kind,
      channel = null,
      row_id = null,
      ...said
    } = feedback as Feedback & { channel?: string; row_id?: string };
    return { id, platform_id: platformId, kind, channel_id: channel, row_id, said, received_at: receivedAt };
  });
  await manager.query(
    `INSERT INTO platform_api.feedback (id, platform_id, person_id, kind, channel_id, row_id, said, received_at)
     SELECT f.id, f.platform_id, $2, f.kind, f.channel_id, f.row_id, f.said, f.received_at
       FROM jsonb_to_recordset($1) AS f(id uuid, platform_id uuid, kind text, channel_id text, row_id uuid, said jsonb,
            received_at timestamptz)`,
    [JSON.stringify(rows), personId],
  );
}

/** What a platform says that it did about rows is its word about what was taken back from it. */
async function confirmWhatIsOwed(
  manager: EntityManager,
  platformId: string,
  taken: readonly TakenFeedback[],
): Promise<void> {
  const confirmations = taken.flatMap(({ feedback }) => (feedback.kind === 'confirmation' ? [feedback] : []));
  const byChannel = [...Map.groupBy(confirmations, ({ channel }) => channel)].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [channel, said] of byChannel) {
    await dutiesOfChannel(manager, channel, 'together');
    await confirmOwed(manager, platformId, channel, said);
  }
}
