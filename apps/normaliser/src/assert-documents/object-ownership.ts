import type { EntityManager } from 'typeorm';
import { rejection, transient, type TocsinError } from '#libs/domain';

interface ObjectVersion {
  objectRef: string;
  objectModified?: string;
}

interface StoredObject {
  ref: string;
  agency_id: string;
  modified: Date | null;
  revoked: boolean;
}

function timeOf(modified: Date | string | null | undefined): number {
  return modified ? new Date(modified).getTime() : -Infinity;
}

/**
 * Who owns the producers' objects of one chunk (I10): the first agency that names an object owns it. Claims are written
 * with the chunk.
 */
export class ObjectOwnership {
  private constructor(
    private readonly agencyId: string,
    private readonly stored: Map<string, StoredObject>,
    private readonly claims = new Map<string, { modified?: string; revoked: boolean }>(),
  ) {}

  static async read(manager: EntityManager, agencyId: string, refs: readonly string[]): Promise<ObjectOwnership> {
    if (refs.length === 0) return new ObjectOwnership(agencyId, new Map());
    const rows = await manager.query<StoredObject[]>(
      'SELECT ref, agency_id, modified, revoked FROM normaliser.source_object WHERE ref = ANY($1) ORDER BY ref FOR UPDATE',
      [refs],
    );
    return new ObjectOwnership(agencyId, new Map(rows.map((row) => [row.ref, row])));
  }

  /**
   * Claims a version of an object, or says why it may not be.
   * @returns whether a version was held before, and whether this one is newer than it: of versions without times, whichever
   * comes later
   */
  claim(
    { objectRef, objectModified }: ObjectVersion,
    revoked = false,
  ): TocsinError | { replaces: boolean; isNewer: boolean } {
    const before = this.stored.get(objectRef);
    const earlier = this.claims.get(objectRef);
    if (earlier?.revoked && !revoked)
      return rejection('TOC_ITEM_REVOKED', 'the object is revoked in the same document');
    if (earlier?.modified && objectModified && Date.parse(objectModified) < Date.parse(earlier.modified)) {
      return rejection('TOC_ITEM_STALE', 'a newer version of the object is in the same document');
    }
    if (before && before.agency_id !== this.agencyId) {
      return rejection('TOC_ITEM_NOT_OWNED', 'the object belongs to another agency');
    }
    if (before?.revoked && !revoked) return rejection('TOC_ITEM_REVOKED', 'the object was revoked before');
    if (before?.modified && objectModified && Date.parse(objectModified) < before.modified.getTime()) {
      return rejection('TOC_ITEM_STALE', 'a newer version of the object is held already');
    }
    this.claims.set(objectRef, { modified: objectModified, revoked });
    const held = Math.max(timeOf(before?.modified), timeOf(earlier?.modified));
    const isNewer = timeOf(objectModified) > held || (objectModified === undefined && held === -Infinity);
    return { replaces: before !== undefined || earlier !== undefined, isNewer };
  }

  async write(manager: EntityManager): Promise<void> {
    if (this.claims.size === 0) return;
    const claims = [...this.claims].sort(([a], [b]) => (a < b ? -1 : 1));
    const written = await manager.query<object[]>(
      `INSERT INTO normaliser.source_object AS o (ref, agency_id, modified, revoked)
       SELECT c.ref, $1, c.modified, c.revoked FROM unnest($2::text[], $3::timestamptz[], $4::boolean[]) AS c(ref, modified, revoked)
       ON CONFLICT (ref) DO UPDATE SET modified = coalesce(excluded.modified, o.modified), revoked = o.revoked OR excluded.revoked
        WHERE o.agency_id = excluded.agency_id RETURNING o.ref`,
      [
        this.agencyId,
        claims.map(([ref]) => ref),
        claims.map(([, claim]) => claim.modified ?? null),
        claims.map(([, claim]) => claim.revoked),
      ],
    );
    // Another agency was first, this very moment: looked at again, the object is theirs.
    if (written.length < claims.length)
      throw transient('TOC_DATABASE_CONFLICT', 'an object was claimed at the same moment');
  }
}
