import type { EntityManager } from 'typeorm';
import { v5 } from 'uuid';
import { sends, type Connector, type DailyFiles, type OutgoingRecord, type SendingConnector } from '#libs/connectors';
import {
  chooseContent,
  chooseWithdrawals,
  LONGEST_RANGE,
  rowRulesOf,
  writeDisclosure,
  type Choice,
  type Outgoing,
} from '#libs/feed';
import { contentWithheld, hasNoReader, readStanding, type Standing } from '../choose-records/standing.js';
import type { DeliveryTarget } from '../disclose-and-send/delivery-target.js';

/** Namespace of the UUIDv5 ids made here (minted for Tocsin). */
const NAMESPACE = '5c1c2f0e-6a3b-4f5d-9a54-0f7f3d1d2b18';
const AT_ONCE = { records: 250, bytes: 262_144 };

/** A connector that gives everything once a day. */
export type DailyConnector = SendingConnector & { daily: DailyFiles };

/** What a full file of a subscription is made of, as it is at this moment. */
export interface Ready {
  standing: Standing;
  connector: DailyConnector;
}

/** One piece of what is live, or what has ended. */
export interface Piece {
  records: OutgoingRecord[];
  /** The last position that was looked at; undefined when there is nothing more up to `head`. */
  until: bigint | undefined;
  head: bigint;
  /** What was disclosed by it beyond what was told already. */
  disclosure: string | undefined;
}

/** Why no full file is written now. */
export type PutOff = 'withheld' | 'not-begun' | 'changed' | 'stopped';

/**
 * Reads whether a full file may be written: content may go at this moment (I5), and increments have begun, so that withdrawals are
 * walked from before whatever it says.
 */
export async function readReady(
  manager: EntityManager,
  target: DeliveryTarget,
  find: (id: string) => Connector | undefined,
): Promise<Ready | PutOff> {
  const standing = await readStanding(manager, target.subscriptionId, target.channelId, 'locked');
  const connector = standing && find(standing.subscription.connector);
  if (!connector || !isDaily(connector)) return 'withheld';
  if (contentWithheld(standing) || hasNoReader(standing, connector)) return 'withheld';
  if (standing.cursors.withdrawals === undefined) return 'not-begun';
  return { standing, connector };
}

/** The stops in force, to be compared. */
export function stopsOf({ stops }: Standing): string {
  return JSON.stringify([stops.everything, stops.channel, [...stops.agencies].sort()]);
}

/** What a file was begun under. */
export interface FileBegun {
  name: string;
  revision: number;
  /** As {@link stopsOf} wrote them: when there are others, what was chosen before them does not leave (I5). */
  stops: string;
  find: (id: string) => Connector | undefined;
}

/** The same for a file that is being written: whether it may go on as it was begun. */
export async function readStillReady(
  manager: EntityManager,
  target: DeliveryTarget,
  { revision, stops, find }: FileBegun,
): Promise<Ready | PutOff> {
  const ready = await readReady(manager, target, find);
  if (typeof ready === 'string') return ready;
  if (ready.standing.subscription.revision !== revision) return 'changed';
  return stopsOf(ready.standing) === stops ? ready : 'stopped';
}

function isDaily(connector: Connector): connector is DailyConnector {
  return sends(connector) && connector.daily !== undefined;
}

/**
 * The next piece beyond a position: of the content that is live and passes, with the ends of what the subscription was told and that
 * is not live for it any more; or of the withdrawals, whatever receipts say. What it was not told yet is disclosed, in the caller's
 * transaction.
 * @returns why not, when that changed meanwhile
 */
export async function choosePiece(
  manager: EntityManager,
  target: DeliveryTarget,
  walk: 0 | 1,
  after: bigint,
  begun: FileBegun,
): Promise<Piece | PutOff> {
  const ready = await readStillReady(manager, target, begun);
  if (typeof ready === 'string') return ready;
  const { standing, connector } = ready;
  const { name, revision } = begun;
  const { subscriptionId, platformId, channelId } = target;
  const choice: Choice = {
    ...{ manager, ledger: 'delivery', subscriptionId, channelId, revision },
    ...{ rules: rowRulesOf(standing, connector.carries), limits: AT_ONCE, repeatsEnds: true },
  };
  const { head } = standing;
  const chosen = await (walk === 1 ? chooseWithdrawals : chooseContent)(choice, after, head);
  if (!chosen) return { records: [], until: undefined, head, disclosure: undefined };
  // A row that waits for a stop is live for whoever has it: a file without it would not be the whole.
  if (chosen.waiting.length > 0) return 'stopped';
  const { outgoing, until } = chosen;
  const fresh = await notYetTold(choice, outgoing);
  const id = v5([subscriptionId, revision, name, walk, until].join('/'), NAMESPACE);
  if (fresh.length > 0)
    await writeDisclosure(manager, 'delivery', {
      ...{ id, platformId, subscriptionId, channelId, revision, walk: 5, outgoing: fresh, until },
    });
  const disclosure = fresh.length > 0 ? id : undefined;
  return { records: outgoing.map(({ record }) => record), until, head, disclosure };
}

/** Live under this revision, or ended, with a receipt: that was told, and saying it every day need not be written down again. */
const UNTOLD = `
  SELECT g.item::integer AS item FROM unnest($3::bigint[], $4::boolean[]) WITH ORDINALITY AS g (position, live, item)
  WHERE NOT EXISTS (
    SELECT FROM delivery.disclosed d WHERE d.subscription_id = $1 AND d.channel_id = $2 AND d.live = g.live
      AND d.to_position >= g.position AND d.from_position BETWEEN g.position - ${LONGEST_RANGE} AND g.position
      AND (d.revision = $5 OR NOT g.live) AND EXISTS (SELECT FROM delivery.receipt r WHERE r.disclosure_id = d.disclosure_id))
  ORDER BY g.item`;

async function notYetTold(
  { manager, subscriptionId, channelId, revision }: Choice,
  outgoing: readonly Outgoing[],
): Promise<Outgoing[]> {
  const untold = await manager.query<{ item: number }[]>(UNTOLD, [
    ...[subscriptionId, channelId, outgoing.map(({ position }) => position.toString())],
    ...[outgoing.map(({ live }) => live), revision],
  ]);
  return untold.flatMap(({ item }) => outgoing[item - 1] ?? []);
}
