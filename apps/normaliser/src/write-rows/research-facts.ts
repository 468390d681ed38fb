import type { EntityManager } from 'typeorm';
import type { DirectorySnapshot } from '../read-directory/directory-snapshot.js';
import type { WantedAssertion } from './wanted-assertion.js';

/**
 * Notes how many signals began to be asserted, under which words, for research releases. Drills are no facts. Finer words of harms
 * are an open vocabulary, which is erased with what it was said in: only the broad one stays.
 */
export async function noteResearchFacts(
  manager: EntityManager,
  directory: DirectorySnapshot,
  fresh: Iterable<WantedAssertion>,
): Promise<void> {
  const counts = new Map<string, { assertion: WantedAssertion; type: string; rows: Set<string> }>();
  for (const assertion of fresh) {
    const { advisoryId, subject, statement } = assertion;
    if (statement.channels.every((id) => directory.channel(id)?.drill ?? true)) continue;
    const type = 'signal' in subject ? subject.signal.type : 'bulletin';
    const key = `${advisoryId}/${statement.id}/${type}`;
    const known = counts.get(key);
    if (known) known.rows.add(assertion.rowId);
    else counts.set(key, { assertion, type, rows: new Set([assertion.rowId]) });
  }
  if (counts.size === 0) return;
  const facts = [...counts.values()].map(({ assertion: { advisoryId, statement }, type, rows }) => ({
    ...{ advisory_id: advisoryId, country: statement.agency.country, signal_type: type, signals: rows.size },
    harms: [...new Set(statement.statement.harms.map((harm) => harm.replace(/\/.*/, '')))],
    context: statement.statement.context ?? null,
    nature: statement.statement.nature,
  }));
  await manager.query(
    `INSERT INTO normaliser.research_fact (advisory_id, country, harms, context, nature, signal_type, signals)
     SELECT advisory_id, country, harms, context, nature, signal_type, signals FROM jsonb_to_recordset($1)
       AS f(advisory_id uuid, country text, harms text[], context text, nature text, signal_type text, signals integer)`,
    [JSON.stringify(facts)],
  );
}
