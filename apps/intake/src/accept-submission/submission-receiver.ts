import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Request } from 'express';
import type { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import type { Principal } from '#libs/access';
import type { ToldContents } from '#libs/containers';
import { rejection, TocsinError, type SubmissionKind } from '#libs/domain';
import { bulletinOfParameters } from '#libs/events';
import { DETECTION_BYTES, formatById } from '#libs/formats';
import type { Lane } from '#libs/persistence';
import { crashPoint, type Logger } from '#libs/runtime';
import type { IntakeConfig } from '../config.js';
import type { ContainerOpener } from '../open-containers/container-opener.js';
import type { DeclaredLevel } from '../scan-parts/find-level-marks.js';
import { refuseMarkedParameters } from '../scan-parts/marked-parameters.js';
import { PartScanner } from '../scan-parts/part-scanner.js';
import { inOnePiece, openDocumentBody, peek, type ReceivedBytes } from './document-body.js';
import { checkParameters, plainParameters, type GivenParameters } from './given-parameters.js';
import { IntakeMetrics } from './intake-metrics.js';
import { lookUpChannels, refuseUnknown } from './named-channels.js';
import { cutParts } from './part-cutter.js';
import { SubmissionKey } from './part-sealing.js';
import { PartWriter } from './part-writer.js';
import type { Alongside } from './received-submission.js';
import { receiptOf, type Receipt, type SubmissionRow } from './receipt.js';
import { submittedFormat } from './submitted-format.js';
import { meaningDigest } from './submission-digest.js';
import type { SubmissionStore } from './submission-store.js';
import { Turns } from './turns.js';

/** Who submits what, before anything of the body is read. */
export interface SubmissionOrder {
  principal: Principal;
  kind: SubmissionKind;
  /** The agency whose submission it is; the principal's own when absent. */
  agencyId?: string;
  /** The advisory that a revision or retraction is about. */
  advisoryId?: string;
  /** Scoped to the agency. */
  idempotencyKey?: string;
}

/** A document with everything that is known of it, about to be received. */
interface Arrival extends SubmissionOrder {
  parameters: Record<string, unknown>;
  channels?: string[];
  format: string;
  document: AsyncIterable<Buffer>;
  received: () => ReceivedBytes;
  /** What was in it, when it was a container. */
  contents?: ToldContents;
  /** Known beforehand; else told by the channels. */
  lane?: Lane;
  alongside?: Alongside;
}

/** What was read of a document. */
interface ReadDocument {
  received: ReceivedBytes;
  bytes: number;
  parts: number;
  onlyPart?: Buffer;
}

/** Bytes that are looked through in one turn of the event loop. */
const PIECE = 512 * 1024;
/** How long a large submission waits for others to end. */
const LONGEST_WAIT_MS = 30_000;
/** The format under which a bulletin without any signals is kept. */
const EMPTY_FORMAT = 'value-list';

/** Receives submissions: streams, looks through, seals and stores them, and hands out receipts. */
export class SubmissionReceiver {
  private readonly uploads: Turns;
  /** Emergencies do not wait for bulk. */
  private readonly urgentUploads: Turns;
  private readonly inserts: Turns;

  constructor(
    private readonly database: DataSource,
    private readonly store: SubmissionStore,
    private readonly config: IntakeConfig,
    private readonly level: DeclaredLevel,
    private readonly containers: ContainerOpener,
    private readonly metrics: IntakeMetrics,
    private readonly logger: Logger,
  ) {
    this.uploads = new Turns(config.concurrentUploads);
    this.urgentUploads = new Turns(Math.ceil(config.concurrentUploads / 4));
    // Half of the connections stay free for everything else.
    this.inserts = new Turns(Math.max(1, Math.floor(config.databaseConnections / 2)));
  }

  /**
   * Receives the body of a request as a submission.
   * @returns its receipt, when and only when it survives any crash
   * @throws rejections `TOC_REQUEST_*` and `TOC_SUBMISSION_*`; then nothing of it is kept
   */
  async receive(order: SubmissionOrder, request: Request): Promise<Receipt> {
    return this.counted(async () => {
      const { given, mediaType, document, received } = await openDocumentBody(
        request,
        this.config.largestSubmissionBytes,
      );
      const parameters = checkParameters(given);
      refuseMarkedParameters(parameters, this.level);
      const { head, whole } = await peek(document, DETECTION_BYTES);
      const mayBeEmpty = bulletinOfParameters(parameters) !== undefined;
      const opened = await this.containers.open(head, whole, mediaType, parameters);
      return this.take({
        ...order,
        parameters: plainParameters(parameters),
        channels: parameters.channels,
        format: opened?.format ?? this.tellFormat(head, parameters.format, mediaType, mayBeEmpty),
        document: opened ? pieces(opened.document) : whole,
        received,
        contents: opened?.contents,
      });
    });
  }

  /** Receives a document that is already read and known, such as a retraction; it goes before everything ordinary. */
  async receiveDocument(
    order: SubmissionOrder & { format: string; parameters: Record<string, unknown>; document: Buffer },
  ): Promise<Receipt> {
    const { document } = order;
    const received = { bytes: document.length, sha256: createHash('sha256').update(document).digest('hex') };
    return this.counted(() =>
      this.take({ ...order, document: inOnePiece(document), received: () => received, lane: 0 }),
    );
  }

  /**
   * Receives a document that was taken out of a request of another protocol.
   * @param order.given what was said beside it, not checked
   * @throws as {@link receive}
   */
  async receiveTakenOut({
    given,
    document,
    received,
    ...order
  }: SubmissionOrder & {
    given: GivenParameters;
    format: string;
    document: Buffer;
    received: ReceivedBytes;
    alongside: Alongside;
  }): Promise<Receipt> {
    return this.counted(async () => {
      const parameters = checkParameters(given);
      refuseMarkedParameters(parameters, this.level);
      return this.take({
        ...order,
        parameters: plainParameters(parameters),
        channels: parameters.channels,
        document: pieces(document),
        received: () => received,
      });
    });
  }

  private tellFormat(head: Buffer, id: string | undefined, mediaType: string | undefined, mayBeEmpty: boolean): string {
    if (head.length === 0) {
      if (!mayBeEmpty) throw rejection('TOC_SUBMISSION_EMPTY', 'the submission has neither a document nor a bulletin');
      return id === undefined ? EMPTY_FORMAT : formatById(id).id;
    }
    // A picture is refused as media, whatever format it is said to be.
    new PartScanner(this.level).scan(head);
    return submittedFormat(head, { id, mediaType }).id;
  }

  private async take(arrival: Arrival): Promise<Receipt> {
    const started = performance.now();
    const { principal, idempotencyKey, agencyId = principal.organisationId } = arrival;
    const [earlier, channels] = await Promise.all([
      idempotencyKey === undefined ? undefined : this.store.find(agencyId, idempotencyKey),
      lookUpChannels(this.database, agencyId, arrival.channels),
    ]);
    if (earlier) return this.repeat(arrival, await this.readOnly(arrival), earlier);
    refuseUnknown(channels);
    const lane = arrival.lane ?? channels.lane;
    const key = SubmissionKey.make(uuid());
    const writer = new PartWriter(this.database, this.inserts, key);
    let giveBack: (() => void) | undefined;
    try {
      const read = await this.readParts(arrival, async (seq, part) => {
        giveBack ??= await (lane === 0 ? this.urgentUploads : this.uploads).take(LONGEST_WAIT_MS);
        await writer.write(seq, part);
      });
      await writer.finish();
      crashPoint('after-parts-before-commit');
      const row = await this.commit({ ...arrival, lane }, agencyId, key, read, writer.hasWritten);
      if (!row) return this.repeat(arrival, read, await this.earlier(agencyId, idempotencyKey));
      crashPoint('after-commit-before-reply');
      this.metrics.accepted(row.format, read.bytes, (performance.now() - started) / 1000);
      this.logger.info(
        { submission_id: row.id, kind: row.kind, format: row.format, bytes: read.bytes },
        'submission-accepted',
      );
      return receiptOf(row, arrival.contents);
    } catch (thrown) {
      await writer.abandon().catch((error: unknown) => {
        this.logger.warn({ submission_id: key.submissionId, err: error }, 'upload-left-to-be-removed');
      });
      throw thrown;
    } finally {
      key.destroy();
      giveBack?.();
    }
  }

  /**
   * Reads a document to its end, part by part, each looked through before it is handed on. The last part of a document
   * that has only one is kept back for the last commit.
   */
  private async readParts(
    arrival: Arrival,
    write: (seq: number, part: Buffer) => Promise<void>,
  ): Promise<ReadDocument> {
    const scanner = new PartScanner(this.level);
    let bytes = 0;
    let parts = 0;
    let held: Buffer | undefined;
    for await (const part of cutParts(arrival.document)) {
      scanner.scan(part);
      bytes += part.length;
      if (held) await write(parts - 1, held);
      held = part;
      parts += 1;
    }
    if (parts > 0) scanner.end();
    if (held && parts > 1) await write(parts - 1, held);
    return { received: arrival.received(), bytes, parts, ...(parts === 1 ? { onlyPart: held } : {}) };
  }

  /** Reads a document for its digest alone; what must not be kept is refused all the same. */
  private readOnly(arrival: Arrival): Promise<ReadDocument> {
    return this.readParts(arrival, () => Promise.resolve());
  }

  private async commit(
    arrival: Arrival & { lane: Lane },
    agencyId: string,
    key: SubmissionKey,
    read: ReadDocument,
    hasUpload: boolean,
  ): Promise<Omit<SubmissionRow, 'body_digest'> | undefined> {
    const { kind, format, parameters, advisoryId, idempotencyKey, principal, lane } = arrival;
    const receivedAt = new Date();
    const id = key.submissionId;
    const stored = await this.store.commit({
      id,
      kind,
      agencyId,
      personId: principal.personId,
      keyId: principal.keyId,
      format,
      parameters,
      contents: arrival.contents,
      advisoryId,
      idempotencyKey,
      digest: meaningDigest({ kind, format, advisoryId, parameters, sha256: read.received.sha256 }),
      sha256: read.received.sha256,
      bytesReceived: read.received.bytes,
      bytes: read.bytes,
      parts: read.parts,
      lane,
      receivedAt,
      key,
      ...(read.onlyPart ? { onlyPart: key.seal(0, read.onlyPart) } : {}),
      hasUpload,
      alongside: arrival.alongside,
    });
    if (!stored) return undefined;
    return {
      id,
      kind,
      agency_id: agencyId,
      person_id: principal.personId,
      key_id: principal.keyId,
      format,
      advisory_id: advisoryId ?? null,
      sha256: read.received.sha256,
      bytes_received: String(read.received.bytes),
      bytes_stored: String(read.bytes),
      parts: read.parts,
      lane,
      received_at: receivedAt,
      bytes_state: 'kept',
      settled_at: null,
    };
  }

  private async earlier(agencyId: string, idempotencyKey = ''): Promise<SubmissionRow> {
    const row = await this.store.find(agencyId, idempotencyKey);
    if (!row) throw rejection('TOC_SUBMISSION_IDEMPOTENCY', 'this idempotency key is being used for something else');
    return row;
  }

  /** The same under the same key is the same submission; anything else under it is a mistake of the sender. */
  private repeat(arrival: Arrival, read: ReadDocument, earlier: SubmissionRow): Receipt {
    const { kind, format, advisoryId, parameters } = arrival;
    const digest = meaningDigest({ kind, format, advisoryId, parameters, sha256: read.received.sha256 });
    if (!digest.equals(earlier.body_digest)) {
      throw rejection(
        'TOC_SUBMISSION_IDEMPOTENCY',
        'this idempotency key was used with another body, kind or parameters',
      );
    }
    this.metrics.ended('repeated', earlier.format);
    return receiptOf(earlier, arrival.contents);
  }

  private async counted(work: () => Promise<Receipt>): Promise<Receipt> {
    try {
      return await work();
    } catch (thrown) {
      const error = thrown instanceof TocsinError ? thrown : undefined;
      if (error?.code === 'TOC_REQUEST_MALFORMED') this.metrics.ended('broken-off');
      else if (error?.family === 'rejection') this.metrics.ended('refused');
      else this.metrics.ended(error ? 'postponed' : 'failed');
      throw thrown;
    }
  }
}

/** A document that is in memory as if it arrived, so that others have their turn between its pieces. */
async function* pieces(document: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < document.length; at += PIECE) {
    await nextTurn();
    yield document.subarray(at, at + PIECE);
  }
}
