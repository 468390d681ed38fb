import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v5 as uuid } from 'uuid';
import type { Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { query } from '#libs/persistence';
import { collectionId } from '#libs/stix';
import { collection, readTimestamp, status, type Collection, type Status, type StatusDetail } from '#libs/taxii';
import { Channels } from '../entitle-platform/channels.js';
import { FeedbackTaker, type GivenItem } from '../take-feedback/feedback-taker.js';
import type { ItemAnswer } from '../take-feedback/feedback.dto.js';
import { readStixAnswer, rowsOfObject, type StixAnswer } from '../take-feedback/stix-answers.js';

const ALIAS = 'feedback';
const MOST_OBJECTS = 500;
/** Namespace of the ids of statuses (minted for Tocsin). */
const STATUSES = '4b7700e3-9340-4c14-a06f-566cb9f99905';
/** A row that nobody was ever told of: what is about it is refused as what is about any other such row. */
const NO_ROW = { channel: 'none', row_id: '00000000-0000-0000-0000-000000000000' };

/** The collection of a platform into which it writes sightings, opinions and notes, taken by the same taker as all feedback. */
@Injectable()
export class FeedbackCollection {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly channels: Channels,
    private readonly taker: FeedbackTaker,
  ) {}

  of({ organisationId }: Principal): Collection {
    return collection({
      ...{ id: collectionId(`feedback/${organisationId}`), title: 'Feedback', alias: ALIAS },
      description:
        'Sightings, opinions and notes about objects of the other collections; what was written cannot be read',
      ...{ can_read: false, can_write: true },
    });
  }

  isIt(principal: Principal, idOrAlias: string): boolean {
    return idOrAlias === ALIAS || idOrAlias.toLowerCase() === this.of(principal).id;
  }

  /**
   * Takes the objects of an envelope. The same envelope again gets the same answer and changes nothing.
   * @throws rejections `TOC_SUBMISSION_MALFORMED`, `TOC_SUBMISSION_EMPTY`, `TOC_SUBMISSION_TOO_LARGE`
   */
  async add(principal: Principal, envelope: unknown): Promise<Status> {
    const objects = objectsOf(envelope);
    const answers = objects.map(readStixAnswer);
    const rows = await this.rowsOf(principal, answers);
    const items = answers.map((answer): GivenItem => {
      const row = rows.get(answer.about?.toLowerCase() ?? '') ?? NO_ROW;
      const { id = '', version = '', texts, problems } = answer;
      return { item: { ...answer.item, ...row }, texts, problems, tells: { id, version } };
    });
    const digest = createHash('sha256').update(JSON.stringify(objects)).digest('hex');
    const statusId = uuid(`${principal.organisationId}/${digest}`, STATUSES);
    const now = readTimestamp(new Date().toISOString()) ?? '';
    return statusOf(statusId, now, await this.taker.takeItems(principal, items, keyOf(statusId)));
  }

  /**
   * What became of an envelope of which something was taken.
   * @throws a rejection `TOC_ACCESS_NOT_FOUND`, the same for another platform's as for none
   */
  async status({ organisationId }: Principal, id: string): Promise<Status> {
    const [row] = await query<{ answer: ItemAnswer[]; at: Date }>(
      this.database,
      'SELECT answer, at FROM platform_api.feedback_request WHERE platform_id = $1 AND idempotency_key = $2',
      [organisationId, keyOf(id.toLowerCase())],
    );
    if (!row) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such object for this key');
    return statusOf(id.toLowerCase(), readTimestamp(row.at.toISOString()) ?? '', row.answer);
  }

  /** Which row each object is of; rows of the first generation first, since most are. */
  private async rowsOf(
    principal: Principal,
    answers: readonly StixAnswer[],
  ): Promise<Map<string, { channel: string; row_id: string }>> {
    const found = new Map<string, { channel: string; row_id: string }>();
    const asked = new Set(
      answers.flatMap(({ about, problems }) => (about && problems.length === 0 ? [about.toLowerCase()] : [])),
    );
    if (asked.size === 0) return found;
    const channelIds = [...new Set((await this.channels.of(principal)).map(({ channelId }) => channelId))];
    for (const [generations, ids] of slicesOf([...asked], channelIds.length)) {
      const left = ids.filter((id) => !found.has(id));
      const places = left.flatMap((id) =>
        channelIds.flatMap((channel) => rowsOfObject(id, channel, generations).map((row) => ({ id, channel, row }))),
      );
      if (places.length === 0) continue;
      const rows = await query<{ nth: string }>(
        this.database,
        `SELECT k.nth FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS k (channel_id, row_id, nth) CROSS JOIN LATERAL (
           SELECT FROM feed.row f WHERE f.row_id = k.row_id AND f.channel_id = k.channel_id LIMIT 1) r`,
        [places.map(({ channel }) => channel), places.map(({ row }) => row)],
      );
      for (const { nth } of rows) {
        const place = places[Number(nth) - 1];
        if (place) found.set(place.id, { channel: place.channel, row_id: place.row });
      }
    }
    return found;
  }
}

/** Places that are looked at before others have their turn. */
const PLACES_AT_ONCE = 5_000;
const MOST_GENERATIONS = 32;

/** All ids in their first generation, and then those that are left in any, so many at a time. */
function* slicesOf(ids: readonly string[], channels: number): Generator<[number | undefined, readonly string[]]> {
  for (const [generations, each] of [
    [1, 1],
    [undefined, MOST_GENERATIONS],
  ] as const) {
    const size = Math.max(1, Math.floor(PLACES_AT_ONCE / Math.max(1, channels * each)));
    for (let from = 0; from < ids.length; from += size) yield [generations, ids.slice(from, from + size)];
  }
}

/** Keys of people hold no blanks. */
function keyOf(statusId: string): string {
  return `taxii ${statusId}`;
}

function objectsOf(envelope: unknown): unknown[] {
  if (typeof envelope !== 'object' || envelope === null || Array.isArray(envelope))
    throw rejection('TOC_SUBMISSION_MALFORMED', 'an envelope is a JSON object');
  const { objects } = envelope as { objects?: unknown };
  if (!Array.isArray(objects) || objects.length === 0)
    throw rejection('TOC_SUBMISSION_EMPTY', 'the envelope has no objects');
  if (objects.length > MOST_OBJECTS)
    throw rejection('TOC_SUBMISSION_TOO_LARGE', `an envelope holds at most ${MOST_OBJECTS} objects`);
  return objects;
}

function statusOf(id: string, requestedAt: string, answers: readonly ItemAnswer[]): Status {
  const detail = ({ tells, state, code, detail: why, problems }: ItemAnswer): StatusDetail[] => {
    if (!tells?.id) return [];
    const message = [`${code}: ${why}`, ...(problems ?? [])].join('; ');
    return [{ id: tells.id, version: tells.version || requestedAt, ...(state === 'accepted' ? {} : { message }) }];
  };
  const failed = answers.filter(({ state }) => state === 'rejected');
  const taken = answers.filter(({ state }) => state === 'accepted');
  const listed = { successes: taken.flatMap(detail), failures: failed.flatMap(detail), pendings: [] };
  return status({ id, requestedAt, total: answers.length, failed: failed.length, pending: 0, listed });
}
