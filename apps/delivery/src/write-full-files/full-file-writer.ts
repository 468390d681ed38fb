import type { DataSource, QueryRunner } from 'typeorm';
import type { Connector, ConnectorContext, FullFile, FullFileOf, FullFileWritten } from '#libs/connectors';
import { changeState, readDatabaseError, withoutAudit } from '#libs/persistence';
import { crashPoint, type Logger } from '#libs/runtime';
import type { DeliveryTarget, Lane } from '../disclose-and-send/delivery-target.js';
import {
  choosePiece,
  readReady,
  readStillReady,
  stopsOf,
  type DailyConnector,
  type FileBegun,
  type PutOff,
} from './choose-all.js';
import type { DueFile } from './due-files.js';
import { fullFileName, isDone, noteBegun, noteWritten, putOff } from './full-file-record.js';

/** What writing needs beside the database. */
export interface FullFileParts {
  contexts: Record<Lane, ConnectorContext>;
  connectorById: (id: string) => Connector | undefined;
  /** Opens the sealed secrets of a subscription. @throws when no key opens them */
  unseal: (sealed: Buffer, subscriptionId: string) => Record<string, string>;
  logger: Logger;
}

/** What became of a full file: `busy` where another process writes it. */
export type FullFileOutcome = 'written' | 'busy' | PutOff;

interface Begun {
  of: FullFileOf;
  under: FileBegun;
  connector: DailyConnector;
  settings: object;
  secrets: Record<string, string>;
}

/** What was walked: up to which position, and what it disclosed. */
interface Walked {
  asOf: bigint;
  disclosures: string[];
}

/** Writes one full file, or none. */
export class FullFileWriter {
  constructor(
    private readonly database: DataSource,
    private readonly parts: FullFileParts,
  ) {}

  /**
   * Writes the full file of a channel for a subscription. One process at a time does: it holds a lock of a connection, so that the lock
   * ends with it.
   * @throws what the place for files throws; nothing of the file is left then, if the place lets it be taken away
   */
  async write(due: DueFile, signal: AbortSignal): Promise<FullFileOutcome> {
    const session = this.database.createQueryRunner();
    const key = `tocsin-full-file/${due.subscriptionId}/${due.channelId}`;
    try {
      const [lock] = (await session.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held', [key])) as {
        held: boolean;
      }[];
      if (!lock?.held) return 'busy';
      try {
        return await this.writeLocked(due, session, signal);
      } finally {
        await session.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [key]);
      }
    } catch (thrown) {
      throw readDatabaseError(thrown);
    } finally {
      await session.release();
    }
  }

  private async writeLocked(due: DueFile, session: QueryRunner, signal: AbortSignal): Promise<FullFileOutcome> {
    const { connectorById, unseal } = this.parts;
    const begun = await changeState<Begun | PutOff | 'busy'>(this.database, 'delivery', async (manager) => {
      if (await isDone(manager, due)) return { result: 'busy', audit: undefined };
      const ready = await readReady(manager, due, connectorById);
      if (typeof ready === 'string') return { result: ready, audit: undefined };
      const { standing, connector } = ready;
      const { revision, settings, sealedSecrets } = standing.subscription;
      const begunAt = new Date();
      const of = {
        ...targetOf(due),
        platformCountry: standing.platform.country,
        revision,
        begunAt,
        name: fullFileName(begunAt),
      };
      const secrets = unseal(sealedSecrets, due.subscriptionId);
      const audit = await noteBegun(manager, of, standing.head);
      const under = { name: of.name, revision, stops: stopsOf(standing), find: connectorById };
      return { result: { of, under, connector, settings, secrets }, audit };
    });
    if (typeof begun === 'string') {
      if (begun !== 'busy' && begun !== 'not-begun') await putOff(this.database, due);
      return begun;
    }
    return this.fill(due, begun, session, signal);
  }

  private async fill(
    target: DueFile,
    begun: Begun,
    session: QueryRunner,
    signal: AbortSignal,
  ): Promise<FullFileOutcome> {
    const { of, connector, settings, secrets } = begun;
    const context = this.parts.contexts[of.lane];
    const file = await connector.daily.begin(of, settings, secrets, context).catch(async (thrown: unknown) => {
      await putOff(this.database, target);
      throw thrown;
    });
    const whole = await this.fillWhole(target, begun, file, { session, signal }).catch(async (thrown: unknown) => {
      await this.giveUp(target, file).catch((also: unknown) => this.warn(target, also, 'full-file-left-behind'));
      throw thrown;
    });
    if (typeof whole === 'string') {
      await this.giveUp(target, file);
      return whole;
    }
    // It is there whole: whatever happens now, it stays.
    await noteWritten(this.database, of, whole.asOf, whole.written, whole.disclosures);
    // What cannot be taken away today can be tomorrow.
    await connector.daily
      .tidy(of, settings, secrets, context)
      .catch((thrown: unknown) => this.warn(target, thrown, 'old-files-left-behind'));
    return 'written';
  }

  /** @returns why not, where it may not go on */
  private async fillWhole(
    target: DueFile,
    begun: Begun,
    file: FullFile,
    { session, signal }: { session: QueryRunner; signal: AbortSignal },
  ): Promise<(Walked & { written: FullFileWritten }) | PutOff> {
    const content = await this.walk(target, begun, file, 0, signal);
    if (typeof content === 'string') return content;
    const withdrawals = await this.walk(target, begun, file, 1, signal);
    if (typeof withdrawals === 'string') return withdrawals;
    // Whoever lost the session may have lost the lock, and with it what was put.
    await session.query('SELECT 1');
    crashPoint('before-manifest-of-full-file');
    const last = await withoutAudit(this.database, (manager) => readStillReady(manager, target, begun.under));
    if (typeof last === 'string') return last;
    const written = await file.finish(Number(content.asOf));
    return { asOf: content.asOf, written, disclosures: [...content.disclosures, ...withdrawals.disclosures] };
  }

  /** Content up to wherever the channel has come by then, so that nothing that moved meanwhile is missing; withdrawals beside. */
  private async walk(
    target: DeliveryTarget,
    { of, under }: Begun,
    file: FullFile,
    walk: 0 | 1,
    signal: AbortSignal,
  ): Promise<Walked | PutOff> {
    const disclosures: string[] = [];
    for (let after = 0n; ;) {
      signal.throwIfAborted();
      const piece = await changeState(this.database, 'delivery', async (manager) => {
        const result = await choosePiece(manager, target, walk, after, under);
        const isNew = typeof result !== 'string' && result.disclosure !== undefined;
        const detail = { channel: of.channelId, revision: of.revision, full_file: of.name };
        const subject = `subscription/${of.subscriptionId}`;
        return {
          result,
          audit: isNew ? { actor: 'service:delivery', action: 'disclose', subject, detail } : undefined,
        };
      });
      if (typeof piece === 'string') return piece;
      if (piece.disclosure !== undefined) disclosures.push(piece.disclosure);
      if (piece.until === undefined) return { asOf: piece.head, disclosures };
      await file.add(piece.records);
      after = piece.until;
    }
  }

  private async giveUp(target: DeliveryTarget, file: FullFile): Promise<void> {
    await putOff(this.database, target);
    await file.abandon();
  }

  private warn({ subscriptionId: subscription, channelId: channel }: DeliveryTarget, err: unknown, what: string): void {
    this.parts.logger.warn({ subscription, channel, err }, what);
  }
}

function targetOf({ subscriptionId, platformId, channelId, lane }: DeliveryTarget): DeliveryTarget {
  return { subscriptionId, platformId, channelId, lane };
}
