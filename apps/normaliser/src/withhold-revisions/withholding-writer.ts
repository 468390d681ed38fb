import type { EntityManager } from 'typeorm';
import type { DirectorySnapshot } from '../read-directory/directory-snapshot.js';
import type { AssertionKey } from '../take-back/assertion-remover.js';
import { narrowAssertions } from '../take-back/narrow-assertions.js';
import {
  assertionIdentity,
  readStored,
  type AssertionEnd,
  type StoredAssertion,
} from '../write-rows/assertion-writer.js';
import type { WantedAssertion } from '../write-rows/wanted-assertion.js';
import type { RowWriter } from '../write-rows/row-writer.js';

/**
 * What a revision of a stopped agency does: nothing new is stated and no words change. What it says still is marked as
 * said, so that the sweep takes back the rest, and leaves the channels that it no longer names.
 */
export class WithholdingWriter {
  constructor(
    private readonly manager: EntityManager,
    private readonly directory: DirectorySnapshot,
    private readonly rows: RowWriter,
  ) {}

  /** @returns `asserted` or `repeated` for what stays word for word, `withheld` for everything that would be new */
  async write(wanted: readonly WantedAssertion[]): Promise<AssertionEnd[]> {
    const stored = await readStored(this.manager, wanted);
    const said = wanted.flatMap((assertion) => {
      const before = stored.get(assertionIdentity(assertion));
      return before && before.revision <= assertion.revision ? [{ assertion, before }] : [];
    });
    await this.keep(said.map(({ assertion }) => assertion));
    await this.narrow(said);
    const seen = new Set<string>();
    return wanted.map((assertion) => {
      const key = assertionIdentity(assertion);
      const before = stored.get(key);
      const isRepeat = seen.has(key) || before?.revision === assertion.revision;
      seen.add(key);
      const same = before?.statement_id === assertion.statement.id && before.quality === (assertion.quality ?? null);
      return same ? (isRepeat ? 'repeated' : 'asserted') : 'withheld';
    });
  }

  private async keep(wanted: readonly WantedAssertion[]): Promise<void> {
    await this.manager.query(
      `UPDATE normaliser.assertion a SET revision = k.revision
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[]) AS k(advisory_id, row_id, object_key, revision)
        WHERE a.advisory_id = k.advisory_id AND a.row_id = k.row_id AND a.object_key = k.object_key
          AND a.revision < k.revision`,
      [
        wanted.map((assertion) => assertion.advisoryId),
        wanted.map((assertion) => assertion.rowId),
        wanted.map((assertion) => assertion.objectKey),
        wanted.map((assertion) => assertion.revision),
      ],
    );
  }

  private async narrow(said: readonly { assertion: WantedAssertion; before: StoredAssertion }[]): Promise<void> {
    const leaving = new Map<string, { channels: string[]; keys: AssertionKey[] }>();
    for (const { assertion, before } of said) {
      const channels = before.channels.filter((id) => !assertion.statement.channels.includes(id)).sort();
      if (channels.length === 0) continue;
      const group = leaving.get(channels.join(' ')) ?? { channels, keys: [] };
      leaving.set(channels.join(' '), group);
      group.keys.push(assertion);
    }
    for (const { channels, keys } of leaving.values()) {
      const cause = { reason: 'narrowed' as const, restore: false };
      await narrowAssertions(this.manager, this.directory, this.rows, keys, channels, cause);
    }
  }
}
