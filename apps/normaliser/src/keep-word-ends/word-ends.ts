import type { EntityManager } from 'typeorm';

/** That an advisory says something of a row on a channel. */
interface Word {
  advisoryId: string;
  rowId: string;
  channelId: string;
}

/** A word that was taken back, and why. */
interface EndedWord extends Word {
  reason: string;
}

const begin = `
  INSERT INTO normaliser.word_begin (row_id, advisory_id, channel_id, version)
  SELECT b.row_id, b.advisory_id, b.channel_id, r.version
    FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS b(advisory_id, row_id, channel_id)) b
    JOIN normaliser.channel_row r ON r.channel_id = b.channel_id AND r.row_id = b.row_id AND r.version > 1
   WHERE NOT EXISTS (
     SELECT FROM normaliser.assertion a JOIN normaliser.statement s ON s.id = a.statement_id
      WHERE a.advisory_id = b.advisory_id AND a.row_id = b.row_id AND b.channel_id = ANY (s.channels)
        AND a.object_key NOT IN (SELECT f.object_key FROM unnest($1::uuid[], $2::uuid[], $4::text[]) AS f(advisory_id, row_id, object_key)
                                  WHERE f.advisory_id = a.advisory_id AND f.row_id = a.row_id))
   ORDER BY 1, 2, 3
  ON CONFLICT DO NOTHING`;

/** What the advisory still says there, under another object's name, has not ended. */
const end = `
  WITH gone AS (
    SELECT DISTINCT ON (g.advisory_id, g.row_id, g.channel_id) g.*
      FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) AS g(advisory_id, row_id, channel_id, reason)
     WHERE NOT EXISTS (
       SELECT FROM normaliser.assertion a JOIN normaliser.statement s ON s.id = a.statement_id
        WHERE a.advisory_id = g.advisory_id AND a.row_id = g.row_id AND g.channel_id = ANY (s.channels) AND s.valid_until > now())
  ), began AS (
    DELETE FROM normaliser.word_begin b USING gone g
     WHERE b.row_id = g.row_id AND b.advisory_id = g.advisory_id AND b.channel_id = g.channel_id
    RETURNING b.row_id, b.advisory_id, b.channel_id, b.version
  )
  INSERT INTO normaliser.word_end (retraction_id, proposal_id, advisory_id, agency_id, reason, channel_id, row_ids, began, ended)
  SELECT $1, (SELECT (problem #>> '{facts,proposal}')::uuid FROM normaliser.job WHERE submission_id = $1),
         g.advisory_id, v.agency_id, g.reason, g.channel_id,
         array_agg(g.row_id ORDER BY g.row_id), array_agg(coalesce(b.version, 1) ORDER BY g.row_id),
         array_agg(r.version ORDER BY g.row_id)
    FROM gone g
    JOIN normaliser.advisory v ON v.id = g.advisory_id
    JOIN normaliser.channel_row r ON r.channel_id = g.channel_id AND r.row_id = g.row_id
    LEFT JOIN began b ON b.row_id = g.row_id AND b.advisory_id = g.advisory_id AND b.channel_id = g.channel_id
   WHERE r.version > coalesce(b.version, 1)
   GROUP BY g.advisory_id, v.agency_id, g.reason, g.channel_id
   ORDER BY g.advisory_id, g.channel_id`;

/**
 * Collects, within one transaction, where advisories begin to say something of rows and where they end to. What is kept of
 * it is the same whether anybody else asserts the row or not: the version by which the word ended, live afterwards or not.
 */
export class WordEnds {
  private readonly begun: (Word & { objectKey: string })[] = [];
  private readonly ended: EndedWord[] = [];

  /** Of a row that may have been there before; of a new row the word begins with its first version, which needs no note. */
  begins(word: Word & { objectKey: string }): void {
    this.begun.push(word);
  }

  ends(word: EndedWord): void {
    this.ended.push(word);
  }

  /**
   * Writes what was collected, when the rows are written.
   * @param retractionId the submission or case by which it came
   */
  async writeTo(manager: EntityManager, retractionId: string): Promise<void> {
    const list = <Of>(words: readonly Of[], field: (word: Of) => string): string[] => words.map(field);
    const { begun, ended } = this;
    if (ended.length > 0)
      await manager.query(end, [
        retractionId,
        list(ended, (word) => word.advisoryId),
        list(ended, (word) => word.rowId),
        list(ended, (word) => word.channelId),
        list(ended, (word) => word.reason),
      ]);
    if (begun.length > 0)
      await manager.query(begin, [
        list(begun, (word) => word.advisoryId),
        list(begun, (word) => word.rowId),
        list(begun, (word) => word.channelId),
        list(begun, (word) => word.objectKey),
      ]);
  }
}
