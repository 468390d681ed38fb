import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KeyRing, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { query } from '#libs/persistence';
import { readTimestamp, status, type Status, type StatusDetail } from '#libs/taxii';
import { SubmissionKey } from '../accept-submission/part-sealing.js';
import type { Receipt } from '../accept-submission/receipt.js';
import { SubmissionReader, type SubmissionTold } from '../read-submission/submission-reader.js';
import type { ListedObject } from './place-objects.js';

/** What the normaliser tells of items, as far as it is used here. */
interface Told {
  state: string;
  counts?: Record<'read' | 'rejected' | 'held' | 'dead_lettered', number>;
  rejected?: { position: number; code: string; detail: string }[];
  rejected_more?: boolean;
  holds?: { position?: number; reason: string; state: string }[];
  holds_more?: boolean;
  problem?: { code: string; detail: string };
}

interface EnvelopeRow {
  objects: number;
  listed: Buffer | null;
  wrapping_key_id: string | null;
  wrapped: Buffer | null;
}

/** Tells what became of the objects of a request: its receipt, in the words of TAXII. */
@Injectable()
export class SubmittedStatus {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly reader: SubmissionReader,
    private readonly wrappingKeys: KeyRing,
  ) {}

  /** The status right after the receipt. */
  received({ id, received_at: receivedAt }: Receipt, total: number): Status {
    return status({ id, requestedAt: asTaxii(receivedAt), total, failed: 0, pending: total });
  }

  /**
   * @throws rejections `TOC_ACCESS_NOT_FOUND`, for another agency's as for none; a transient `TOC_PEER_UNAVAILABLE` when
   *   nobody can say
   */
  async read(principal: Principal, id: string): Promise<Status> {
    const [row] = await query<EnvelopeRow>(
      this.database,
      `SELECT e.objects, e.listed, k.wrapping_key_id, k.wrapped FROM intake.envelope e
         LEFT JOIN intake.submission_key k ON k.submission_id = e.submission_id WHERE e.submission_id = $1`,
      [id],
    );
    if (!row) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such object for this key');
    const told = await this.reader.read(principal, id);
    return statusOf(told, row.objects, this.listedOf(id, row));
  }

  private listedOf(id: string, { listed, wrapping_key_id: wrappingKeyId, wrapped }: EnvelopeRow): ListedObject[] {
    if (!listed || wrappingKeyId === null || !wrapped) return [];
    const key = SubmissionKey.unwrap(this.wrappingKeys, id, { wrappingKeyId, wrapped });
    try {
      return key.openList(listed) as ListedObject[];
    } finally {
      key.destroy();
    }
  }
}

function asTaxii(isoTime: string): string {
  return readTimestamp(isoTime) ?? isoTime;
}

/** Whether nothing more is done about it by itself. */
function isAtRest({ state }: Told): boolean {
  return ['settled', 'held', 'refused'].includes(state);
}

/**
 * What cannot be read, or may not be said, has failed; what waits for a person is pending, however long. What carries no
 * signal is a success: it is in the collection.
 */
export function statusOf(
  told: Pick<SubmissionTold, 'id' | 'received_at'> & Told,
  total: number,
  listed: readonly ListedObject[],
): Status {
  const { id, received_at: receivedAt, counts } = told;
  const about = { id, requestedAt: asTaxii(receivedAt), total };
  const detail = (place: number, message?: string): StatusDetail[] => {
    const [object, version] = listed[place - 1] ?? [];
    if (!object) return [];
    return [{ id: object, version: version ?? about.requestedAt, ...(message === undefined ? {} : { message }) }];
  };
  const all = (message?: string): StatusDetail[] => listed.flatMap((_, at) => detail(at + 1, message));
  if (told.state === 'refused') {
    const failures = all(messageOf(told.problem));
    return status({ ...about, failed: total, pending: 0, listed: { successes: [], failures, pendings: [] } });
  }
  if (!isAtRest(told) || !counts)
    return status({ ...about, failed: 0, pending: total, listed: { successes: [], failures: [], pendings: all() } });
  const failed = Math.min(total, counts.rejected + counts.dead_lettered);
  const wholeIsHeld = (told.holds ?? []).some(({ position, state }) => state === 'open' && position === undefined);
  const pending = wholeIsHeld ? total - failed : Math.min(total - failed, counts.held);
  const failures = new Map((told.rejected ?? []).map((rejected) => [rejected.position, messageOf(rejected)]));
  const waiting = new Map(
    (told.holds ?? [])
      .filter(({ state }) => state === 'open')
      .map(({ position, reason }) => [position ?? 0, `held: ${reason}`]),
  );
  const isPartial = told.rejected_more === true || told.holds_more === true || counts.dead_lettered > 0;
  const lists = { successes: [], failures: [], pendings: [] } as Record<string, StatusDetail[]>;
  for (let place = 1; place <= listed.length; place += 1) {
    const failure = failures.get(place);
    const hold = waiting.get(place) ?? (wholeIsHeld ? waiting.get(0) : undefined);
    if (failure !== undefined) lists['failures']?.push(...detail(place, failure));
    else if (hold !== undefined) lists['pendings']?.push(...detail(place, hold));
    else if (!isPartial) lists['successes']?.push(...detail(place));
  }
  const { successes = [], failures: listedFailures = [], pendings = [] } = lists;
  return status({ ...about, failed, pending, listed: { successes, failures: listedFailures, pendings } });
}

function messageOf(problem: { code: string; detail: string } | undefined): string {
  return problem ? `${problem.code}: ${problem.detail}` : 'TOC_FAULT';
}
