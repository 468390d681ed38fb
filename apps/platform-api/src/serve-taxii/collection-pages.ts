import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v5 } from 'uuid';
import type { Principal } from '#libs/access';
import { writeDisclosure, type Outgoing } from '#libs/feed';
import { changeState, withoutAudit, type AuditEntry } from '#libs/persistence';
import { inTurn } from '../entitle-platform/in-turn.js';
import type { ObjectsAsked } from '#libs/taxii';
import {
  readPullStanding,
  readPullStandingNow,
  type ListedChannel,
  type PullStanding,
} from '../entitle-platform/pull-subscriptions.js';
import { SignedCursors } from '../signed-cursors.js';
import { CollectionReading, type Found, type Given } from './collection-reading.js';
import { positionAt } from './find-entries.js';
import { readNext, writeNext, type CollectionPlace } from './next-token.js';
import { TaxiiObjects } from './taxii-objects.js';

/** What is given at once of one collection. */
export interface CollectionPage {
  given: Given[];
  more: boolean;
  next?: string;
  /** Dates of the first and the last; earlier where content before the last waits to be let go. */
  first?: string;
  last?: string;
}

type Place = Pick<CollectionPlace, 'subscriptionId' | 'channelId' | 'heldAfter'> & { position?: bigint };

/** Namespace of the UUIDv5 ids of disclosures made here (minted for Tocsin). */
const NAMESPACE = '0f2d1b9e-6b0c-4b57-8f7e-6f1f4f6f2a51';
/** Content and withdrawals in order of position. */
const WALK = 4;
const MOST_REMEMBERED = 20_000;

/** Reads collections for platforms: by the same functions that choose what is sent, and written down before it leaves. */
@Injectable()
export class CollectionPages {
  /** Pages that were disclosed here, by question: who asks the same again is told the same, and nothing new is written. */
  private readonly disclosed = new Map<string, string>();

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly cursors: SignedCursors,
    private readonly objects: TaxiiObjects,
  ) {}

  /**
   * Objects to be given. Whoever comes with a place or a date has read what was before it.
   * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_REQUEST_CURSOR`
   */
  async give(principal: Principal, channel: ListedChannel, asked: ObjectsAsked): Promise<CollectionPage> {
    const question = questionOf(channel, asked);
    const known = this.disclosed.get(question);
    if (known !== undefined) {
      const { page, id } = await this.look(this.database.manager, principal, channel, asked);
      if (id === known) return page;
    }
    const { page, id } = await inTurn(() =>
      changeState(this.database, 'platform_api', (manager) => this.disclose(manager, principal, channel, asked)),
    );
    if (this.disclosed.size >= MOST_REMEMBERED) this.disclosed.clear();
    this.disclosed.set(question, id);
    return page;
  }

  /** What is there, for manifests: ids and dates, nothing of the content. */
  async list(principal: Principal, channel: ListedChannel, asked: ObjectsAsked): Promise<CollectionPage> {
    const { page } = await withoutAudit(this.database, (manager) => this.look(manager, principal, channel, asked));
    return page;
  }

  private async look(
    manager: EntityManager,
    principal: Principal,
    channel: ListedChannel,
    asked: ObjectsAsked,
  ): Promise<{ page: CollectionPage; id: string }> {
    const place = await this.placeOf(manager, principal, channel, asked);
    const { subscriptionId, channelId } = place;
    const standing = await readPullStandingNow(manager, principal.organisationId, subscriptionId, channelId);
    const found = await this.read(manager, standing, place, asked);
    return { page: this.pageOf(found, principal, place), id: disclosureId(standing, found) };
  }

  private async disclose(
    manager: EntityManager,
    principal: Principal,
    channel: ListedChannel,
    asked: ObjectsAsked,
  ): Promise<{ result: { page: CollectionPage; id: string }; audit: AuditEntry | undefined }> {
    const place = await this.placeOf(manager, principal, channel, asked);
    const { subscriptionId, channelId } = place;
    const standing = await readPullStanding(manager, principal.organisationId, subscriptionId, channelId);
    const fetched = place.position === undefined ? 0 : await markRead(manager, place, place.position);
    const found = await this.read(manager, standing, place, asked);
    const outgoing = outgoingOf(found);
    const id = disclosureId(standing, found);
    const { revision } = standing.subscription;
    const isNew =
      outgoing.length > 0 &&
      (await writeDisclosure(manager, 'platform_api', {
        ...{ id, platformId: principal.organisationId, subscriptionId, channelId, revision, walk: WALK, outgoing },
        until: outgoing.at(-1)?.position ?? found.until,
      }));
    const detail = { channel: channelId, revision, walk: WALK, records: outgoing.length, fetched };
    const audit = isNew || fetched > 0 ? auditEntry(principal, subscriptionId, isNew, detail) : undefined;
    return { result: { page: this.pageOf(found, principal, place), id }, audit };
  }

  /** `next` says more than a date beside it. */
  private async placeOf(
    manager: EntityManager,
    { organisationId: platformId }: Principal,
    { subscriptionId, channelId }: ListedChannel,
    { next, addedAfter }: ObjectsAsked,
  ): Promise<Place> {
    if (next !== undefined) return readNext(this.cursors, next, { platformId, channelId });
    if (addedAfter === undefined) return { subscriptionId, channelId };
    const before = this.objects.standing.findLast(({ dateAdded }) => dateAdded <= addedAfter);
    if (!before) return { subscriptionId, channelId };
    const isLast = before === this.objects.standing.at(-1);
    const position = isLast ? await positionAt(manager, channelId, addedAfter) : before.position;
    return { subscriptionId, channelId, position };
  }

  private read(manager: EntityManager, standing: PullStanding, place: Place, asked: ObjectsAsked): Promise<Found> {
    return new CollectionReading(manager, this.objects, standing, asked, place).read(place.position);
  }

  private pageOf(
    { given, more, until: position, heldAfter }: Found,
    { organisationId: platformId }: Principal,
    { subscriptionId, channelId }: Place,
  ): CollectionPage {
    const earlier = (date: string | undefined): string | undefined =>
      date !== undefined && heldAfter !== undefined && heldAfter < date ? heldAfter : date;
    return {
      ...{ given, more },
      ...(more
        ? { next: writeNext(this.cursors, { platformId, subscriptionId, channelId, position, heldAfter }) }
        : {}),
      first: earlier(given[0]?.dateAdded),
      last: earlier(given.at(-1)?.dateAdded),
    };
  }
}

function questionOf({ subscriptionId, channelId }: ListedChannel, asked: ObjectsAsked): string {
  const listed = (_name: string, value: unknown): unknown => (value instanceof Set ? [...value] : value);
  return JSON.stringify([subscriptionId, channelId, asked], listed);
}

function outgoingOf({ given }: Found): Outgoing[] {
  return given.flatMap(({ entry, position }) => {
    if (!entry) return [];
    const { rowId, version, form } = entry;
    const kind = form === 'live' ? 'row' : 'withdrawal';
    const record = { eventId: `${entry.eventId}/${form}`, rowId, version, kind, body: '' } as const;
    return [{ position, live: form === 'live', record }];
  });
}

/** The same for the same objects under the same revision. */
function disclosureId({ subscription }: PullStanding, found: Found): string {
  const events = outgoingOf(found).map(({ record }) => record.eventId);
  return v5([subscription.id, subscription.revision, WALK, ...events].join('/'), NAMESPACE);
}

function auditEntry(
  { personId }: Principal,
  subscriptionId: string,
  isNew: boolean,
  detail: Record<string, unknown>,
): AuditEntry {
  return {
    ...{ actor: personId, action: isNew ? 'disclose' : 'record-receipt' },
    ...{ subject: `subscription/${subscriptionId}`, detail },
  };
}

/** Notes as fetched what was given up to a position. @returns how many disclosures that concerns */
async function markRead(
  manager: EntityManager,
  { subscriptionId, channelId }: Place,
  position: bigint,
): Promise<number> {
  const [row] = await manager.query<{ fetched: number }[]>(
    `WITH fetched AS (
       UPDATE platform_api.disclosure SET fetched_at = now()
        WHERE subscription_id = $1 AND channel_id = $2 AND fetched_at IS NULL AND walk = ${WALK} AND until_position <= $3
       RETURNING 1)
     SELECT count(*)::integer AS fetched FROM fetched`,
    [subscriptionId, channelId, position.toString()],
  );
  return row?.fetched ?? 0;
}
