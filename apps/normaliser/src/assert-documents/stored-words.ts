import type { EntityManager } from 'typeorm';
import { TocsinError } from '#libs/domain';
import type { DeclaredAdvisory } from '#libs/formats';
import type { Assertable } from '../decide-items/decide-statement.js';
import type { Job } from '../job.js';
import type { Agency } from '../read-directory/directory-snapshot.js';
import { openAdvisory, type StoredAdvisory } from '../write-rows/advisory-store.js';
import { storeStatement, type StoredStatement } from '../write-rows/statement-store.js';

/** Advisories and statements of one chunk, each stored once however many items say it. */
export class StoredWords {
  private readonly advisories = new Map<string, StoredAdvisory | TocsinError>();
  private readonly statements = new Map<string, StoredStatement>();

  constructor(
    private readonly manager: EntityManager,
    private readonly job: Job,
    private readonly agency: Agency,
  ) {}

  /** Whether anything of these advisories was taken back for good. */
  get anyTakenBack(): boolean {
    return [...this.advisories.values()].some((stored) => 'takenBack' in stored && stored.takenBack);
  }

  /** The submission's own advisory, or one that its document declared. @returns why it cannot be asserted, if so */
  async advisory(declared?: DeclaredAdvisory): Promise<StoredAdvisory | TocsinError> {
    const { agencyId, submissionId, pass, receivedAt, advisoryId } = this.job;
    const key = declared?.ref ?? '';
    let stored = this.advisories.get(key);
    if (!stored) {
      const existingId = declared ? undefined : (advisoryId ?? undefined);
      const { ref, modified } = declared ?? {};
      const wanted = { agencyId, submissionId, pass, receivedAt, ref, modified, existingId };
      stored = await openAdvisory(this.manager, wanted).catch((thrown: unknown) => {
        if (thrown instanceof TocsinError && thrown.family === 'rejection') return thrown;
        throw thrown;
      });
      this.advisories.set(key, stored);
    }
    return stored;
  }

  async statement(advisory: StoredAdvisory, verdict: Assertable): Promise<StoredStatement> {
    const key = `${advisory.id}/${verdict.digest.toString('hex')}`;
    let stored = this.statements.get(key);
    if (!stored) {
      const { digest, statement, channels } = verdict;
      stored = await storeStatement(this.manager, advisory.id, digest, statement, channels, this.agency);
      this.statements.set(key, stored);
    }
    return stored;
  }
}
