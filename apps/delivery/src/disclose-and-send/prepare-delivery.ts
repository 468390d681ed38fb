import type { EntityManager } from 'typeorm';
import { sends, type Connector, type SendingConnector } from '#libs/connectors';
import { fault } from '#libs/domain';
import {
  chooseContent,
  chooseWithdrawals,
  LONGEST_RANGE,
  rowRulesOf,
  writeDisclosure,
  type Choice,
  type Chosen,
  type Outgoing,
} from '#libs/feed';
import type { AuditEntry } from '#libs/persistence';
import { membershipEnd } from '../end-membership/membership-end.js';
import { BatchSize } from '../choose-records/batch-size.js';
import { chooseParked } from '../choose-records/choose-parked.js';
import type { DeliveryTarget, DriverMemory, PreparedDelivery } from './delivery-target.js';
import { nextParkedAt, releaseWaiting } from '../choose-records/parked-rows.js';
import { composeBatch } from './compose-batch.js';
import { openDisclosures } from '../choose-records/open-disclosures.js';
import {
  contentWithheld,
  hasNoReader,
  readStanding,
  type Standing,
  type Withheld,
} from '../choose-records/standing.js';
import { endRecovery, moveRecovery, type RecoveredFrom } from '../send-again/recovery.js';
import { moveCursor, parkWaiting } from './move-cursor.js';

/** What there is to do for a subscription on a channel. */
export type Preparation =
  /** All is walked up to `head`; look again at `dueAt` at the latest. */
  | { what: 'nothing'; head: bigint; dueAt?: Date; withheld?: Withheld }
  /** Whatever there is stays owed: nobody could read it. */
  | { what: 'unreadable' }
  /** Records were passed over that need not be sent; there may be more. */
  | { what: 'moved' }
  | { what: 'delivery'; delivery: PreparedDelivery };

/** Most bytes of the records of one batch, whatever a connector takes: what is under way is held in memory. */
const MOST_BYTES = 1_048_576;

interface Turn {
  manager: EntityManager;
  target: DeliveryTarget;
  memory: DriverMemory;
  standing: Standing;
  connector: SendingConnector;
  choice: Choice;
  withheld: Withheld | undefined;
}

type Found = { preparation: Preparation; audit?: AuditEntry };

/**
 * Finds what has to go next and discloses it, all in the caller's transaction: withdrawals before anything else, then
 * a parked record whose time has come, the end of a membership, and content if it may go at this moment (I5). Withdrawals
 * that were asked for once more go before anything new; content that was, when nothing new waits.
 * @throws a fault when the subscription names a connector that does not exist
 */
export async function prepareDelivery(
  manager: EntityManager,
  target: DeliveryTarget,
  memory: DriverMemory,
  connectorById: (id: string) => Connector | undefined,
): Promise<Found> {
  const standing = await readStanding(manager, target.subscriptionId, target.channelId, 'locked');
  if (!standing) return { preparation: { what: 'nothing', head: 0n } };
  const connector = connectorById(standing.subscription.connector);
  if (!connector || !sends(connector)) throw fault(`no connector ${standing.subscription.connector} sends anything`);
  if (hasNoReader(standing, connector)) return { preparation: { what: 'unreadable' } };
  const turn = await beginTurn(manager, target, memory, standing, connector);
  const finds = [findWithdrawals, recoverWithdrawals, releaseParked, findParked, findMembershipEnd];
  for (const find of [...finds, findContent, recoverContent]) {
    const found = await find(turn);
    if (found) return found;
  }
  memory.parkedLast = false;
  const dueAt = standing.parked ? await nextParkedAt(manager, target, lowestWalk(turn)) : undefined;
  return { preparation: { what: 'nothing', head: standing.head, dueAt, withheld: turn.withheld } };
}

async function beginTurn(
  manager: EntityManager,
  target: DeliveryTarget,
  memory: DriverMemory,
  standing: Standing,
  connector: SendingConnector,
): Promise<Turn> {
  const { subscription } = standing;
  memory.repeatUntil ??= await openDisclosures(manager, target, subscription.revision);
  if (standing.cursors.withdrawals === undefined) {
    // Nothing was ever disclosed, so no withdrawal up to here concerns this subscription.
    await moveCursor(manager, { ...target, revision: subscription.revision, walk: 1, position: standing.head });
    standing.cursors.withdrawals = standing.head;
  }
  const limits = connector.batchOf?.(subscription.settings) ?? connector.batch;
  const choice: Choice = {
    manager,
    ledger: 'delivery',
    subscriptionId: target.subscriptionId,
    channelId: target.channelId,
    revision: subscription.revision,
    rules: rowRulesOf(standing, connector.carries),
    limits: { records: Math.min(limits.records, LONGEST_RANGE), bytes: Math.min(limits.bytes, MOST_BYTES) },
  };
  return { manager, target, memory, standing, connector, choice, withheld: contentWithheld(standing) };
}

/** Where no content may go, only parked withdrawals have a turn. */
const lowestWalk = ({ withheld }: Turn): 0 | 1 => (withheld ? 1 : 0);

async function findWithdrawals(turn: Turn): Promise<Found | undefined> {
  if (!turn.standing.withdrawalsWait) return undefined;
  return walkOn(turn, 1, turn.standing.cursors.withdrawals ?? 0n);
}

async function findContent(turn: Turn): Promise<Found | undefined> {
  if (turn.withheld) return undefined;
  return walkOn(turn, 0, turn.standing.cursors.content ?? 0n);
}

async function recoverWithdrawals(turn: Turn): Promise<Found | undefined> {
  return recoverOn(turn, 1);
}

async function recoverContent(turn: Turn): Promise<Found | undefined> {
  return turn.withheld ? undefined : recoverOn(turn, 0);
}

/** Walks on over what was walked before; what passes goes as it went, what does not is left out. */
async function recoverOn(turn: Turn, walk: 0 | 1): Promise<Found | undefined> {
  const { manager, target, standing } = turn;
  const recovery = standing.recoveries[walk];
  if (!recovery) return undefined;
  const from: RecoveredFrom = { position: recovery.position, revision: standing.subscription.revision };
  const chosen = await chooserOf(turn, walk)(recovery.position, recovery.until);
  if (!chosen) {
    await endRecovery(manager, target, walk, from);
    return { preparation: { what: 'moved' } };
  }
  await parkWaiting(manager, target.subscriptionId, target.channelId, chosen.waiting);
  if (chosen.outgoing.length > 0) return disclose(turn, walk, chosen, { parked: false, recovers: from });
  await moveRecovery(manager, target, walk, from, chosen.until);
  return { preparation: { what: 'moved' }, audit: auditOf(turn, 'park', chosen.waiting.length) };
}

/** Chooses for a walk as many records as its receiver takes at this moment. */
function chooserOf(turn: Turn, walk: 0 | 1): (after: bigint, until: bigint) => Promise<Chosen | undefined> {
  const { memory, choice } = turn;
  const size = memory.sizes.get(walk) ?? new BatchSize(choice.limits.records);
  memory.sizes.set(walk, size);
  const limited = { ...choice, limits: { ...choice.limits, records: size.next(choice.limits.records) } };
  const choose = walk === 1 ? chooseWithdrawals : chooseContent;
  return (after, until) => choose(limited, after, until);
}

async function walkOn(turn: Turn, walk: 0 | 1, after: bigint): Promise<Found | undefined> {
  const { memory, standing } = turn;
  const { revision } = standing.subscription;
  const choose = chooserOf(turn, walk);
  const bound = memory.repeatUntil?.get(walk);
  memory.repeatUntil?.delete(walk);
  const chosen = (bound !== undefined && (await choose(after, bound))) || (await choose(after, standing.head));
  if (!chosen) return undefined;
  await parkWaiting(turn.manager, turn.target.subscriptionId, turn.target.channelId, chosen.waiting);
  if (chosen.outgoing.length > 0) return disclose(turn, walk, chosen);
  await moveCursor(turn.manager, { ...turn.target, revision, walk, position: chosen.until });
  return { preparation: { what: 'moved' }, audit: auditOf(turn, 'park', chosen.waiting.length) };
}

/** Releases some of the rows that wait for a stop when the stops are others than before; the next turn goes on. */
async function releaseParked({ manager, target, memory, standing, withheld }: Turn): Promise<undefined> {
  const under = [...standing.stops.agencies].sort().join();
  if (!standing.parked) memory.release = { under };
  if (!standing.parked || withheld) return;
  if (memory.release?.under !== under) memory.release = { under, after: 0n };
  if (memory.release.after === undefined) return;
  memory.release = { under, after: await releaseWaiting(manager, target, memory.release.after) };
}

async function findParked(turn: Turn): Promise<Found | undefined> {
  const { memory, standing, choice } = turn;
  if (!standing.parked || memory.parkedLast) return undefined;
  const chosen = await chooseParked(choice, lowestWalk(turn));
  if (!chosen) return undefined;
  memory.parkedLast = true;
  const { outgoing, walk } = chosen;
  const until = outgoing.at(-1)?.position;
  if (until === undefined) return { preparation: { what: 'moved' } };
  return disclose(turn, walk, { outgoing, waiting: [], until }, { parked: true });
}

async function findMembershipEnd(turn: Turn): Promise<Found | undefined> {
  const { manager, target, memory, standing } = turn;
  const record = await membershipEnd(manager, target.channelId, standing, memory.membershipNotBefore);
  if (!record) return undefined;
  const outgoing: Outgoing[] = [{ position: standing.head, live: false, record }];
  return disclose(turn, 2, { outgoing, waiting: [], until: standing.head });
}

async function disclose(
  turn: Turn,
  walk: 0 | 1 | 2,
  chosen: Chosen,
  { parked, recovers }: { parked: boolean; recovers?: RecoveredFrom } = { parked: false },
): Promise<Found> {
  const { manager, target, memory, standing, connector, choice } = turn;
  const { subscription } = standing;
  const { outgoing, until, waiting } = chosen;
  const batch = composeBatch(
    { ...target, platformCountry: standing.platform.country, revision: subscription.revision },
    outgoing,
  );
  const isNew = await writeDisclosure(manager, 'delivery', { ...batch, id: batch.batchId, walk, outgoing, until });
  memory.parkedLast = parked;
  const delivery: PreparedDelivery = {
    ...{ batch, walk, parked, recovers, outgoing, until, connector, limits: choice.limits },
    settings: subscription.settings,
    sealedSecrets: subscription.sealedSecrets,
    hasParked: standing.parked || waiting.length > 0,
    isLast: walk === 0 && !parked && !recovers && !standing.parked && waiting.length === 0 && until === standing.head,
  };
  const audit = auditOf(turn, isNew ? 'disclose' : 'park', isNew ? outgoing.length : waiting.length, {
    batch_id: batch.batchId,
    walk,
    waiting: waiting.length,
  });
  return { preparation: { what: 'delivery', delivery }, audit };
}

function auditOf(
  { target, standing }: Turn,
  action: 'disclose' | 'park',
  records: number,
  detail: Record<string, unknown> = {},
): AuditEntry | undefined {
  if (records === 0) return undefined;
  const { subscriptionId, channelId } = target;
  return {
    actor: 'service:delivery',
    action,
    subject: `subscription/${subscriptionId}`,
    detail: { channel: channelId, revision: standing.subscription.revision, records, ...detail },
  };
}
