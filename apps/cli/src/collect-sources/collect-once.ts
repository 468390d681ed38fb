import { createHash } from 'node:crypto';
import { Refusal, type ExchangeApi } from '../call-exchange/exchange-api.js';
import { statementAtHeadOf } from '../submit-files/document-upload.js';
import { SOURCE_KINDS } from './source-kinds.js';
import type { SourceRecords } from './source-record.js';
import { SourceProblem, type CollectedDocument, type SourceSettings, type SourceTools } from './source.js';

/** What a look at a source came to. */
export interface Look {
  receipts: { document: string; submission: string }[];
  refused: { document: string; code: string }[];
  /** Why it was not looked at to its end. */
  problem?: string;
}

/** Refusals that say something of this moment or of the key, and nothing of the document. */
function isOfTheMoment({ code, problem: { status } }: Refusal): boolean {
  return (
    status === 0 ||
    status === 401 ||
    status === 403 ||
    status === 408 ||
    status === 429 ||
    status >= 500 ||
    code === 'TOC_PEER_UNAVAILABLE'
  );
}

/** The same document of the same source is the same submission, however often it is handed over (I1). */
function idempotencyKeyOf(source: string, bytes: Buffer): string {
  return createHash('sha256').update(`${source}\0`).update(bytes).digest('hex');
}

/**
 * Looks at a source once: what came since its checkpoint is submitted, one document after another, and the checkpoint moves on
 * with each that the exchange has or has refused for good. What is of the moment ends the look; it is repeated later.
 */
export async function collectOnce(
  source: SourceSettings,
  { api, records, tools }: { api: Pick<ExchangeApi, 'intake'>; records: SourceRecords; tools: SourceTools },
): Promise<Look> {
  const look: Look = { receipts: [], refused: [] };
  let record = { ...(await records.of(source.name)) };
  const kind = SOURCE_KINDS.get(source.kind);
  try {
    for await (const document of kind?.collect(source, record.checkpoint, tools) ?? []) {
      const submission = await submit(source, document, api).catch((thrown: unknown) => {
        if (!(thrown instanceof Refusal) || isOfTheMoment(thrown)) throw thrown;
        look.refused.push({ document: document.name, code: thrown.code });
        return undefined;
      });
      if (submission !== undefined) look.receipts.push({ document: document.name, submission });
      await document.handedOver?.();
      record = {
        ...record,
        checkpoint: document.checkpoint,
        handed_over: record.handed_over + (submission === undefined ? 0 : 1),
        refused: record.refused + (submission === undefined ? 1 : 0),
      };
      await records.keep(source.name, record);
    }
    record = { ...record, failures_in_a_row: 0, last_success: Math.floor(Date.now() / 1000) };
  } catch (thrown) {
    if (!(thrown instanceof SourceProblem) && !(thrown instanceof Refusal)) throw thrown;
    look.problem = thrown.message;
    record = { ...record, failures_in_a_row: record.failures_in_a_row + 1 };
  }
  await records.keep(source.name, record);
  return look;
}

async function submit(
  { name, parameters }: SourceSettings,
  { name: document, bytes, format }: CollectedDocument,
  api: Pick<ExchangeApi, 'intake'>,
): Promise<string> {
  const said = document.endsWith('.guard') ? statementAtHeadOf(bytes) : {};
  const { id } = await api.intake<{ id: string }>('POST', '/v1/submissions', {
    body: new Uint8Array(bytes),
    contentType: 'application/octet-stream',
    query: { ...(format ? { format } : {}), ...said, ...parameters },
    headers: { 'idempotency-key': idempotencyKeyOf(name, bytes) },
  });
  return id;
}
