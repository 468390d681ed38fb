import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Principal } from '#libs/access';
import type { Outgoing } from '#libs/feed';
import { changeState, withoutAudit, type AuditEntry } from '#libs/persistence';
import { AnsweredPages, type AnsweredPage, type ObjectsAsked, type PageForm } from '#libs/taxii';
import { inTurn } from '../entitle-platform/in-turn.js';
import {
  readPullStanding,
  readPullStandingNow,
  type SubscribedChannel,
  type PullStanding,
} from '../entitle-platform/pull-subscriptions.js';
import { auditOfRead, discloseRead } from '../keep-ledger/disclose-read.js';
import { markFetched } from '../keep-ledger/mark-fetched.js';
import { SignedCursors } from '../signed-cursors.js';
import { CollectionReading, type Found, type Given } from './collection-reading.js';
import { positionAt } from './find-entries.js';
import { readNext, writeNext, type CollectionPlace } from './next-token.js';
import { TaxiiObjects } from './taxii-objects.js';

/** What is asked for of a collection, and the form in which it is answered. */
export type PageAsked = PageForm<Given> & { asked: ObjectsAsked };

type Place = Pick<CollectionPlace, 'subscriptionId' | 'channelId' | 'heldAfter'> & { position?: bigint };

/** Content and withdrawals in order of position. */
const WALK = 4;

/** Reads collections for platforms: by the same functions that choose what is sent, and written down before it leaves. */
@Injectable()
export class CollectionPages {
  private readonly answered = new AnsweredPages();

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly cursors: SignedCursors,
    private readonly objects: TaxiiObjects,
  ) {}

  /**
   * Answers a question about a collection. Whoever comes with a place or a date has read what was before it. What the
   * platform may have is looked up each time; what was answered is answered again while nothing of that, and nothing of
   * the channel, has changed.
   * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_REQUEST_CURSOR`
   */
  async answer(principal: Principal, channel: SubscribedChannel, page: PageAsked): Promise<AnsweredPage> {
    const { subscriptionId, channelId } = channel;
    const question = questionOf(principal, channel, page);
    const known = this.answered.get(question);
    if (known) {
      const { manager } = this.database;
      const standing = await readPullStandingNow(manager, principal.organisationId, subscriptionId, channelId);
      if (whenOf(standing) === known.when) return known;
    }
    const read = page.gives
      ? inTurn(() =>
          changeState(this.database, 'platform_api', (manager) =>
            this.disclose(manager, principal, channel, page.asked),
          ),
        )
      : withoutAudit(this.database, (manager) => this.look(manager, principal, channel, page.asked));
    const { standing, found, place } = await read;
    const answer = {
      when: whenOf(standing),
      ...this.write(principal, place, found, page.write),
    };
    // A place may be of another subscription than the channel is read by now.
    if (!found.fromLedger && place.subscriptionId === subscriptionId) this.answered.keep(question, answer);
    return answer;
  }

  private async look(
    manager: EntityManager,
    principal: Principal,
    channel: SubscribedChannel,
    asked: ObjectsAsked,
  ): Promise<{ standing: PullStanding; found: Found; place: Place }> {
    const place = await this.placeOf(manager, principal, channel, asked);
    const { subscriptionId, channelId } = place;
    const standing = await readPullStandingNow(manager, principal.organisationId, subscriptionId, channelId);
    return { standing, place, found: await this.read(manager, standing, place, asked, false) };
  }

  private async disclose(
    manager: EntityManager,
    principal: Principal,
    channel: SubscribedChannel,
    asked: ObjectsAsked,
  ): Promise<{ result: { standing: PullStanding; found: Found; place: Place }; audit: AuditEntry | undefined }> {
    const place = await this.placeOf(manager, principal, channel, asked);
    const { subscriptionId, channelId } = place;
    const standing = await readPullStanding(manager, principal.organisationId, subscriptionId, channelId);
    const { position } = place;
    const fetched =
      position === undefined ? 0 : await markFetched(manager, { subscriptionId, channelId, collection: position });
    const found = await this.read(manager, standing, place, asked, true);
    const outgoing = outgoingOf(found);
    const until = outgoing.at(-1)?.position ?? found.until;
    const isNew =
      outgoing.length > 0 && (await discloseRead(manager, standing, { channelId, walk: WALK, outgoing, until }));
    const detail = { channel: channelId, walk: WALK, records: outgoing.length, fetched };
    const audit = auditOfRead(principal, standing, isNew, detail);
    return { result: { standing, found, place }, audit };
  }

  /** `next` says more than a date beside it. */
  private async placeOf(
    manager: EntityManager,
    { organisationId: platformId }: Principal,
    { subscriptionId, channelId }: SubscribedChannel,
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

  private read(
    ...[manager, standing, place, asked, withRecords]: [EntityManager, PullStanding, Place, ObjectsAsked, boolean]
  ): Promise<Found> {
    const how = { ...place, withRecords };
    return new CollectionReading(manager, this.objects, standing, asked, how).read(place.position);
  }

  /** Dates are earlier where content before the last waits to be let go. */
  private write(
    { organisationId: platformId }: Principal,
    { subscriptionId, channelId }: Place,
    { given, more, until: position, heldAfter }: Found,
    write: PageAsked['write'],
  ): Omit<AnsweredPage, 'when'> {
    const earlier = (date: string | undefined): string | undefined =>
      date !== undefined && heldAfter !== undefined && heldAfter < date ? heldAfter : date;
    const next = more
      ? writeNext(this.cursors, { platformId, subscriptionId, channelId, position, heldAfter })
      : undefined;
    return {
      bytes: Buffer.from(write(given, { more, next })),
      first: earlier(given[0]?.dateAdded),
      last: earlier(given.at(-1)?.dateAdded),
    };
  }
}

/** Everything that an answer follows from, but for what was told before: the head of the channel is part of it. */
function whenOf(standing: PullStanding): string {
  return JSON.stringify(standing, (_name, value: unknown) =>
    value instanceof Set ? [...value] : typeof value === 'bigint' ? value.toString() : value,
  );
}

function questionOf(
  { organisationId }: Principal,
  { subscriptionId, channelId }: SubscribedChannel,
  { asked, as }: PageAsked,
): string {
  const listed = (_name: string, value: unknown): unknown => (value instanceof Set ? [...value] : value);
  return JSON.stringify([organisationId, subscriptionId, channelId, as, asked], listed);
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
