import { cursorRefused, type SignedCursors } from '../signed-cursors.js';

/** How far a reader has come in one channel. */
export interface ChangePosition {
  platformId: string;
  subscriptionId: string;
  channelId: string;
  revision: number;
  /** Withdrawals are read up to here, whatever the revision. */
  withdrawals: bigint;
  /** Content is read up to here, in this revision. */
  content: bigint;
  /** Content up to `content` that waits for a stop begins behind here; absent where none does. */
  waitingAfter?: bigint;
  /** Whether the end of the membership was told, in this revision. */
  ended?: true;
}

const KIND = 'changes';

/** A place in one channel as a cursor, bound to platform, subscription and revision. */
export function writeChangeCursor(signed: SignedCursors, position: ChangePosition): string {
  const { platformId, subscriptionId, channelId, revision, withdrawals, content, waitingAfter, ended } = position;
  const place = [revision, withdrawals, content, waitingAfter ?? '', ended ? 1 : ''];
  return signed.sign(KIND, [platformId, subscriptionId, channelId, ...place].join('/'));
}

/** @throws a rejection `TOC_REQUEST_CURSOR`, the same for another platform's cursor, or channel's, as for none */
export function readChangeCursor(
  signed: SignedCursors,
  cursor: string,
  of: Pick<ChangePosition, 'platformId' | 'channelId'>,
): ChangePosition {
  const [platformId, subscriptionId = '', channelId, revision, withdrawals = '', content = '', waiting, ended] = signed
    .open(KIND, cursor)
    .split('/');
  if (platformId !== of.platformId || channelId !== of.channelId) throw cursorRefused();
  return {
    ...{ platformId, subscriptionId, channelId, revision: Number(revision) },
    ...{ withdrawals: BigInt(withdrawals), content: BigInt(content) },
    ...(waiting ? { waitingAfter: BigInt(waiting) } : {}),
    ...(ended ? { ended: true } : {}),
  };
}
