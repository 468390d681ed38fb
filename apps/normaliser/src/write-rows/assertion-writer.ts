import type { EntityManager } from 'typeorm';
import { isLowered, transient, type LiveAssertion } from '#libs/domain';
import { assertedPart } from '#libs/events';
import type { DirectorySnapshot } from '../read-directory/directory-snapshot.js';
import { AgencyMarkings, forgetPastMarkings } from './agency-markings.js';
import type { StatementBody } from './live-rows.js';
import { noteResearchFacts } from './research-facts.js';
import type { RowToPublish, RowWriter } from './row-writer.js';
import type { WantedAssertion } from './wanted-assertion.js';

/**
 * What became of a wanted assertion: `asserted` (new, changed, or said again by a new reading), `repeated` (said twice
 * in this reading), `lowered` (its marking would be lower than its agency's before: a second person decides, I6),
 * `withheld` (its agency is stopped).
 */
export type AssertionEnd = 'asserted' | 'repeated' | 'lowered' | 'withheld';

/** An assertion as it is live. */
export interface StoredAssertion {
  advisory_id: string;
  row_id: string;
  object_key: string;
  statement_id: string;
  quality: number | null;
  revision: number;
  channels: string[];
  body: StatementBody;
}

const identity = (advisoryId: string, rowId: string, objectKey: string): string =>
  `${advisoryId}\0${rowId}\0${objectKey}`;

/** Writes assertions of one chunk and the rows that they touch, in the transaction of the chunk. */
export class AssertionWriter {
  constructor(
    private readonly manager: EntityManager,
    private readonly directory: DirectorySnapshot,
    private readonly rows: RowWriter,
    private readonly mayLower: boolean,
  ) {}

  /** @returns the end of each wanted assertion, in the order given */
  async write(wanted: readonly WantedAssertion[]): Promise<AssertionEnd[]> {
    const distinct = new Map<string, WantedAssertion>();
    const ends = new Map<WantedAssertion, AssertionEnd>();
    for (const assertion of wanted) {
      const key = assertionIdentity(assertion);
      if (distinct.has(key)) ends.set(assertion, 'repeated');
      else distinct.set(key, assertion);
    }
    const sorted = [...distinct.values()].sort((a, b) => (a.rowId < b.rowId ? -1 : 1));
    const said = await this.insertSubjects(sorted);
    if (!this.mayLower) await this.holdLowered([...distinct.values()], said, ends);
    const admitted = sorted.filter((assertion) => !ends.has(assertion));
    const fresh = await this.insertAssertions(admitted, !said);
    const known = admitted.filter((assertion) => !fresh.has(assertion));
    const stale = await this.updateKnown(known, ends);
    for (const assertion of fresh) ends.set(assertion, 'asserted');
    const asserted = admitted.filter((assertion) => ends.get(assertion) === 'asserted');
    if (said && this.mayLower) await this.forgetMarkings(asserted);
    await noteResearchFacts(this.manager, this.directory, fresh);
    await this.writeRows(fresh, stale, asserted, !said);
    return wanted.map((assertion) => ends.get(assertion) ?? 'asserted');
  }

  /** In the order of the document, so that it makes no difference where a chunk ends. */
  private async holdLowered(
    wanted: readonly WantedAssertion[],
    said: boolean,
    ends: Map<WantedAssertion, AssertionEnd>,
  ): Promise<void> {
    // Most chunks of a list state each of their rows once, and for the first time.
    if (!said && rowIdsOf(wanted).length === wanted.length) return;
    const markings = said ? await this.readMarkings(wanted) : AgencyMarkings.none();
    for (const assertion of wanted) {
      const marking = assertion.statement.statement.marking;
      if (markings.admit(assertion.rowId, assertion, marking) === 'lowered') ends.set(assertion, 'lowered');
    }
  }

  /**
   * Signals that were there are locked, so that two chunks of an agency cannot both be the first to state one.
   * A value that was erased is there again. @returns whether anything may have been stated before
   */
  private async insertSubjects(wanted: readonly WantedAssertion[]): Promise<boolean> {
    const signals = new Map(
      wanted.flatMap(({ rowId, subject }) => ('signal' in subject ? [[rowId, subject.signal] as const] : [])),
    );
    const bulletins = wanted.some(({ subject }) => 'bulletin' in subject);
    if (signals.size === 0) return bulletins;
    const [inserted] = await this.manager.query<{ signals: number }[]>(
      `WITH inserted AS (
         INSERT INTO normaliser.signal AS s (id, type, value)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])
         ON CONFLICT (id) DO UPDATE SET value = excluded.value WHERE s.value IS NULL RETURNING xmax = 0 AS new)
       SELECT count(*) FILTER (WHERE new)::integer AS signals FROM inserted`,
      [
        [...signals.keys()],
        [...signals.values()].map((signal) => signal.type),
        [...signals.values()].map((signal) => signal.value),
      ],
    );
    return bulletins || inserted?.signals !== signals.size;
  }

  private readMarkings(wanted: readonly WantedAssertion[]): Promise<AgencyMarkings> {
    const [first] = wanted;
    if (!first) return Promise.resolve(AgencyMarkings.none());
    return AgencyMarkings.read(this.manager, first.statement.agency.id, rowIdsOf(wanted));
  }

  private async forgetMarkings(asserted: readonly WantedAssertion[]): Promise<void> {
    const [first] = asserted;
    if (first) await forgetPastMarkings(this.manager, first.statement.agency.id, rowIdsOf(asserted));
  }

  /**
   * @param ofNewSignals this transaction made their signals, so that none can be there; looking for them would cost as
   * much as writing them
   */
  private async insertAssertions(
    wanted: readonly WantedAssertion[],
    ofNewSignals: boolean,
  ): Promise<Set<WantedAssertion>> {
    if (wanted.length === 0) return new Set();
    const inserted = await this.manager.query<{ advisory_id: string; row_id: string; object_key: string }[]>(
      `INSERT INTO normaliser.assertion (advisory_id, row_id, object_key, statement_id, quality, revision)
       SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::smallint[], $6::integer[])
       ${ofNewSignals ? '' : 'ON CONFLICT DO NOTHING RETURNING advisory_id, row_id, object_key'}`,
      [
        wanted.map((assertion) => assertion.advisoryId),
        wanted.map((assertion) => assertion.rowId),
        wanted.map((assertion) => assertion.objectKey),
        wanted.map((assertion) => assertion.statement.id),
        wanted.map((assertion) => assertion.quality ?? null),
        wanted.map((assertion) => assertion.revision),
      ],
    );
    if (ofNewSignals || inserted.length === wanted.length) return new Set(wanted);
    const keys = new Set(inserted.map((row) => identity(row.advisory_id, row.row_id, row.object_key)));
    return new Set(wanted.filter((assertion) => keys.has(assertionIdentity(assertion))));
  }

  /** Brings assertions that were there before to what is said now. @returns rows to derive anew, by channel */
  private async updateKnown(
    known: readonly WantedAssertion[],
    ends: Map<WantedAssertion, AssertionEnd>,
  ): Promise<Map<string, string[]>> {
    const touched = new Map<string, string[]>();
    if (known.length === 0) return touched;
    const stored = await readStored(this.manager, known);
    const changed: WantedAssertion[] = [];
    for (const assertion of known) {
      const before = stored.get(assertionIdentity(assertion));
      if (!before) throw transient('TOC_DATABASE_CONFLICT', 'an assertion was taken back at the same moment');
      const sameWords =
        before.statement_id === assertion.statement.id && before.quality === (assertion.quality ?? null);
      const saidLater = before.revision > assertion.revision;
      if (saidLater || (sameWords && before.revision === assertion.revision)) {
        ends.set(assertion, 'repeated');
        continue;
      }
      if (!this.mayLower && isLowered(before.body.statement.marking, assertion.statement.statement.marking)) {
        ends.set(assertion, 'lowered');
        continue;
      }
      ends.set(assertion, 'asserted');
      changed.push(assertion);
      if (sameWords) continue;
      this.noteWords(assertion, before.channels);
      for (const channel of new Set([...before.channels, ...assertion.statement.channels])) {
        touched.set(channel, [...(touched.get(channel) ?? []), assertion.rowId]);
      }
    }
    await this.manager.query(
      `UPDATE normaliser.assertion a SET statement_id = c.statement_id, quality = c.quality, revision = c.revision,
              since = CASE WHEN a.statement_id = c.statement_id THEN a.since ELSE now() END
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::smallint[], $6::integer[])
              AS c(advisory_id, row_id, object_key, statement_id, quality, revision)
        WHERE a.advisory_id = c.advisory_id AND a.row_id = c.row_id AND a.object_key = c.object_key`,
      [
        changed.map((assertion) => assertion.advisoryId),
        changed.map((assertion) => assertion.rowId),
        changed.map((assertion) => assertion.objectKey),
        changed.map((assertion) => assertion.statement.id),
        changed.map((assertion) => assertion.quality ?? null),
        changed.map((assertion) => assertion.revision),
      ],
    );
    return touched;
  }

  /** Where an assertion that says other words now comes to a channel, or leaves one. */
  private noteWords({ advisoryId, rowId, objectKey, statement }: WantedAssertion, before: readonly string[]): void {
    for (const channelId of statement.channels)
      if (!before.includes(channelId)) this.rows.words.begins({ advisoryId, rowId, objectKey, channelId });
    for (const channelId of before)
      if (!statement.channels.includes(channelId) && this.directory.channel(channelId))
        this.rows.words.ends({ advisoryId, rowId, channelId, reason: 'narrowed' });
  }

  /** Assertions of rows that were there before begin somewhere in the middle of the row's versions. */
  private noteBegun(fresh: ReadonlySet<WantedAssertion>, channelId: string, wereThere: ReadonlySet<string>): void {
    for (const { advisoryId, rowId, objectKey, statement } of fresh)
      if (wereThere.has(rowId) && statement.channels.includes(channelId))
        this.rows.words.begins({ advisoryId, rowId, objectKey, channelId });
  }

  /** Channels in a fixed order; on each, new rows first, then those to derive anew. */
  private async writeRows(
    fresh: ReadonlySet<WantedAssertion>,
    stale: ReadonlyMap<string, string[]>,
    asserted: readonly WantedAssertion[],
    ofNewSignals: boolean,
  ): Promise<void> {
    const assertedOn = new Map<string, Set<string>>();
    for (const { rowId, statement } of asserted) {
      for (const channelId of statement.channels) {
        const rows = assertedOn.get(channelId) ?? new Set<string>();
        assertedOn.set(channelId, rows.add(rowId));
      }
    }
    const toPublish = new Map<string, Map<string, RowToPublish>>();
    const texts = new Map<string, string>();
    for (const assertion of fresh) {
      for (const channelId of assertion.statement.channels) {
        const rows = toPublish.get(channelId) ?? new Map<string, RowToPublish>();
        toPublish.set(channelId, rows);
        addToRow(rows, assertion, texts);
      }
    }
    for (const channelId of [...new Set([...toPublish.keys(), ...stale.keys()])].sort()) {
      const channel = this.directory.channel(channelId);
      if (!channel) continue;
      const rows = toPublish.get(channelId);
      const rowsAnew = stale.get(channelId) ?? [];
      const known = rows
        ? await this.rows.publish(
            channel,
            [...rows.values()].filter((row) => !rowsAnew.includes(row.rowId)),
            ofNewSignals,
          )
        : [];
      const wereThere = new Set([...known, ...rowsAnew]);
      if (wereThere.size > 0) this.noteBegun(fresh, channelId, wereThere);
      if (rowsAnew.length > 0) {
        const mayBeNew = rowsAnew.filter((rowId) => assertedOn.get(channelId)?.has(rowId));
        await this.rows.remerge(channel, rowsAnew, { reason: 'narrowed', restore: false }, mayBeNew);
      }
    }
  }
}

/** Reads, and locks, those of the wanted assertions that are live. @returns them by {@link assertionIdentity} */
export async function readStored(
  manager: EntityManager,
  wanted: readonly WantedAssertion[],
): Promise<Map<string, StoredAssertion>> {
  const rows = await manager.query<StoredAssertion[]>(
    `SELECT a.advisory_id, a.row_id, a.object_key, a.statement_id, a.quality, a.revision, s.channels, s.body
       FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS k(advisory_id, row_id, object_key)
       JOIN normaliser.assertion a USING (advisory_id, row_id, object_key)
       JOIN normaliser.statement s ON s.id = a.statement_id
      ORDER BY a.advisory_id, a.row_id, a.object_key FOR UPDATE OF a`,
    [
      wanted.map((assertion) => assertion.advisoryId),
      wanted.map((assertion) => assertion.rowId),
      wanted.map((assertion) => assertion.objectKey),
    ],
  );
  return new Map(rows.map((row) => [identity(row.advisory_id, row.row_id, row.object_key), row]));
}

/** What tells assertions apart. */
export function assertionIdentity({ advisoryId, rowId, objectKey }: WantedAssertion): string {
  return identity(advisoryId, rowId, objectKey);
}

function rowIdsOf(assertions: readonly WantedAssertion[]): string[] {
  return [...new Set(assertions.map(({ rowId }) => rowId))];
}

function addToRow(rows: Map<string, RowToPublish>, wanted: WantedAssertion, texts: Map<string, string>): void {
  const { statement, advisoryId, objectKey, quality, rowId, subject } = wanted;
  const live: LiveAssertion = {
    id: `${advisoryId}/${objectKey}`,
    advisoryId,
    agency: statement.agency,
    ...(quality === undefined ? {} : { quality }),
    statement: statement.statement,
  };
  const row = rows.get(rowId);
  if (row) {
    row.assertions.push(live);
    row.sharedText = undefined;
    return;
  }
  // The text of one assertion depends on advisory, words and quality only: a list of a million values makes it once.
  const key = `${advisoryId}/${statement.id}/${quality ?? ''}`;
  const sharedText = (): string => {
    const text = texts.get(key) ?? assertedPart([live]);
    texts.set(key, text);
    return text;
  };
  rows.set(rowId, { rowId, subject, assertions: [live], sharedText });
}
