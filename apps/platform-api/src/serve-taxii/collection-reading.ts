import type { EntityManager } from 'typeorm';
import type { RowRecord } from '#libs/events';
import { judgeRow, judgesRows, notEntitled, rowRulesOf, toldRows, type NotEntitled, type RowRules } from '#libs/feed';
import { rowIdOf } from '#libs/stix';
import { asksForVersion, fromMicros, microsOf, type ObjectsAsked } from '#libs/taxii';
import { isNobodys, noSuchChannel, wasTold, type PullStanding } from '../entitle-platform/pull-subscriptions.js';
import { findEntries, nextContentAt, readRecords, type EntriesAsked, type Entry } from './find-entries.js';
import type { Form, ObjectText, ObjectTexts } from './object-texts.js';
import type { ObjectInCollection } from './standing-objects.js';

/** An entry as it is given to this reader: its one object, or of an end those of its generations. */
export interface Given {
  position: bigint;
  dateAdded: string;
  objects: ObjectText[];
  /** Absent for what every collection begins with. */
  entry?: Entry & { form: Form };
  version: string;
}

/** What was found beyond a place. */
export interface Found {
  given: Given[];
  more: boolean;
  /** Position of the last that was given, or looked at where there is none. */
  until: bigint;
  /** Content after this date waits to be let go: nobody is to believe that they have read further. */
  heldAfter?: string;
  /** Whether it depends on what the reader was told before. */
  fromLedger: boolean;
}

/** Looks of one read that find nothing; then the reader is told to come again. */
const MOST_LOOKS = 20;
/** Generations of a row in which its object is looked for by id. */
const MOST_GENERATIONS = 32;
/** Why content is withheld for now, and not for good. */
const FOR_NOW: ReadonlySet<NotEntitled> = new Set(['stopped', 'subscription-paused', 'platform-not-active']);

/** One read of one collection for one reader, without anything being written. */
export class CollectionReading {
  private readonly channelId: string;
  private readonly rules: RowRules;
  private readonly withheld: NotEntitled | undefined;
  private heldAfter: string | undefined;
  private fromLedger = false;
  private readonly withRecords: boolean;

  /** @param how `withRecords`: whether what is read was probably not written as objects before */
  constructor(
    private readonly manager: EntityManager,
    private readonly parts: { texts: ObjectTexts; standing: readonly (ObjectInCollection & { position: bigint })[] },
    private readonly platform: PullStanding,
    private readonly asked: ObjectsAsked,
    how: { channelId: string; heldAfter?: string; withRecords: boolean },
  ) {
    this.channelId = how.channelId;
    this.heldAfter = how.heldAfter;
    this.withRecords = how.withRecords;
    this.withheld = notEntitled(platform);
    this.rules = rowRulesOf(platform, { ceiling: true, drill: true });
  }

  /**
   * The next objects in order of their dates, withdrawals among them; content only if it may go (I5).
   * @param after position behind which to begin; undefined for the beginning of the collection
   * @throws a rejection `TOC_ACCESS_NOT_FOUND` for a channel of which this platform was never told and may not be
   */
  async read(after: bigint | undefined): Promise<Found> {
    const { subscription } = this.platform;
    if (isNobodys(this.platform)) {
      this.fromLedger = true;
      if (!(await wasTold(this.manager, subscription.id, this.channelId))) throw noSuchChannel();
    }
    await this.holdContent(after ?? 0n);
    const given = this.standingAfter(after);
    const walk = this.walkOf();
    let until = after ?? 0n;
    let isAtEnd = walk === undefined;
    for (let look = 0; !isAtEnd && this.countOf(given) <= this.asked.limit && look < MOST_LOOKS; look += 1) {
      const most = this.asked.limit + 1;
      const entries = await findEntries(this.manager, { ...walk, ...this.base(), after: until, most });
      given.push(...(await this.give(entries)));
      const last = entries.at(-1);
      isAtEnd = last === undefined || (entries.length < most && (await this.isEnd(walk, BigInt(last.position))));
      if (last) until = BigInt(last.position);
    }
    return this.cut(given, isAtEnd, until);
  }

  /** A page holds whole entries; the one that would go beyond its limit is what there is more of. */
  private cut(given: Given[], isAtEnd: boolean, until: bigint): Found {
    let count = 0;
    const fitting = given.findIndex(({ objects }, at) => {
      count += objects.length;
      return count > this.asked.limit && at > 0;
    });
    const page = fitting < 0 ? given : given.slice(0, fitting);
    const isCut = fitting >= 0;
    return {
      given: page,
      more: isCut || !isAtEnd,
      until: isCut ? (page.at(-1)?.position ?? until) : until,
      ...(this.heldAfter && { heldAfter: this.heldAfter }),
      fromLedger: this.fromLedger,
    };
  }

  private countOf(given: readonly Given[]): number {
    return given.reduce((sum, { objects }) => sum + objects.length, 0);
  }

  private base(): Pick<EntriesAsked, 'channelId' | 'withContent' | 'withRecords'> {
    const { channelId, withRecords } = this;
    return { channelId, withRecords, withContent: this.withheld === undefined };
  }

  /** Fewer came than were asked for: the end, or the bound of their bytes. */
  private async isEnd(walk: Partial<EntriesAsked> | undefined, position: bigint): Promise<boolean> {
    const [next] = await findEntries(this.manager, { ...walk, ...this.base(), after: position, most: 1 });
    return next === undefined;
  }

  /** Which entries can be among those asked for; undefined when none can. */
  private walkOf(): Partial<EntriesAsked> | undefined {
    const { ids, types, specVersions, versions } = this.asked;
    const [signals, bulletins] = [!types || types.has('indicator'), !types || types.has('report')];
    if ((!signals && !bulletins) || (specVersions && !specVersions.has('2.1'))) return undefined;
    const kind = signals && bulletins ? {} : { bulletins };
    if (ids) {
      const generations = Array.from({ length: MOST_GENERATIONS }, (_, before) => before + 1);
      const rowIds = [...ids].flatMap((id) =>
        generations.flatMap((generation) => rowIdOf(id, this.channelId, generation) ?? []),
      );
      return rowIds.length > 0 ? { ...kind, rowIds } : undefined;
    }
    const { all, first, last, times } = versions;
    return all || first || last ? kind : { ...kind, addedAt: [...times] };
  }

  private isAskedFor({ id, type }: { id: string; type: string }, version: string): boolean {
    const { ids, types, specVersions, versions } = this.asked;
    return (
      (!ids || ids.has(id)) &&
      (!types || types.has(type)) &&
      (!specVersions || specVersions.has('2.1')) &&
      asksForVersion(versions, version)
    );
  }

  private standingAfter(after: bigint | undefined): Given[] {
    return this.parts.standing
      .filter((object) => (after === undefined || object.position > after) && this.isAskedFor(object, object.version))
      .map(({ position, dateAdded, version, ...object }) => ({ position, dateAdded, version, objects: [object] }));
  }

  private async give(entries: readonly Entry[]): Promise<Given[]> {
    const records = new Map(
      entries.flatMap(({ eventId, record }) => (record === undefined ? [] : [[eventId, record]])),
    );
    const fetch = async (wanted: readonly Entry[]): Promise<void> => {
      const missing = wanted.filter(({ eventId }) => !records.has(eventId));
      if (missing.length === 0) return;
      for (const [id, record] of await readRecords(this.manager, this.channelId, missing)) records.set(id, record);
    };
    if (judgesRows(this.rules)) await fetch(entries.filter(({ live }) => live));
    const formed = await this.formsOf(entries, records);
    await fetch(formed.filter((entry) => !this.parts.texts.known(entry, entry.form)));
    return formed.flatMap((entry): Given[] => {
      const record = records.get(entry.eventId);
      const texts =
        this.parts.texts.known(entry, entry.form) ?? (record && this.parts.texts.write(entry, entry.form, record));
      const objects = (texts || []).filter((object) => this.isAskedFor(object, entry.addedAt));
      const { addedAt } = entry;
      return objects.length > 0
        ? [{ position: BigInt(entry.position), dateAdded: addedAt, version: addedAt, objects, entry }]
        : [];
    });
  }

  /**
   * As what each entry is given to this reader, if at all: an end only of what was told before. Which earlier
   * versions were told is asked of the ledger by position, so that the same question has the same answer.
   */
  private async formsOf(
    entries: readonly Entry[],
    records: ReadonlyMap<string, string>,
  ): Promise<(Entry & { form: Form })[]> {
    const forms = entries.map((entry) => this.formOf(entry, records.get(entry.eventId)));
    const ends = entries.filter((_, at) => forms[at] === 'out' || forms[at] === 'end');
    this.fromLedger ||= ends.length > 0;
    const told = await toldRows(
      {
        ...{ manager: this.manager, ledger: 'platform_api', channelId: this.channelId },
        subscriptionId: this.platform.subscription.id,
      },
      ends.map(({ position }) => BigInt(position)),
    );
    const toldOf = new Set(ends.filter((_, at) => told[at]).map(({ eventId }) => eventId));
    return entries.flatMap((entry, at) => {
      const form = forms[at];
      return form && (form === 'live' || toldOf.has(entry.eventId)) ? [{ ...entry, form }] : [];
    });
  }

  /** What cannot be read as a row is kept out: nobody can say whether it passes, and it must stop nothing (I9). */
  private formOf(entry: Entry, record: string | undefined): Form | undefined {
    if (!entry.live) return 'end';
    if (!judgesRows(this.rules)) return 'live';
    try {
      const verdict = judgeRow(JSON.parse(record ?? '') as RowRecord, this.rules);
      if (verdict === 'wait') this.hold(entry.addedAt);
      return verdict === 'send' ? 'live' : verdict === 'out' ? 'out' : undefined;
    } catch {
      return undefined;
    }
  }

  /** Content that is withheld for now must still be before the reader when it no longer is. */
  private async holdContent(after: bigint): Promise<void> {
    if (this.heldAfter !== undefined || this.withheld === undefined || !FOR_NOW.has(this.withheld)) return;
    const next = await nextContentAt(this.manager, this.channelId, after);
    if (next !== undefined) this.hold(next);
  }

  private hold(dateAdded: string): void {
    const before = fromMicros(microsOf(dateAdded) - 1n);
    if (before !== undefined && (this.heldAfter === undefined || before < this.heldAfter)) this.heldAfter = before;
  }
}
