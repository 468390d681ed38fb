import { Injectable } from '@nestjs/common';
import { DataSource, In, Not, type EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { authorise, type Principal } from '#libs/access';
import { connectorById } from '#libs/connectors';
import { admits, rejection } from '#libs/domain';
import { changeState, Channel, Organisation, Subscription, type SubscriptionFilter } from '#libs/persistence';
import { NOBODY } from '../nobody.js';
import { audibleOf } from '../open-channels/audible-platform.js';
import { sealSecrets } from './endpoint-secrets.js';
import { Peers } from '../peers.js';
import { Registrar } from './registrar.js';
import type {
  ChannelPreview,
  PreviewGiven,
  PreviewShown,
  SubscriptionChanges,
  SubscriptionGiven,
} from './subscription.dto.js';
import type { OrganisationRow, Plain, SubscriptionRow } from '../plain.js';

const MOST_SUBSCRIPTIONS = 50;
/** One that was left is followed for its withdrawals for good, so beginning and leaving has to have an end. */
const MOST_NEW_IN_A_DAY = 100;

/** A new subscription with what the platform's engineer is shown once. */
export interface NewSubscription {
  subscription: SubscriptionRow;
  handOver: Record<string, string | string[]>;
}

/** Takes a platform's standing requests and keeps them. */
@Injectable()
export class SubscriptionsService {
  constructor(
    private readonly database: DataSource,
    private readonly registrar: Registrar,
    private readonly peers: Peers,
  ) {}

  /**
   * Subscribes the principal's platform. The receiver is asked first whether it is there and willing; nothing is kept
   * of one that is not.
   * @throws rejections `TOC_CONNECTOR_SETTINGS`, `TOC_CONNECTOR_CHALLENGE`, `TOC_CONNECTOR_EGRESS`,
   * `TOC_CHANNEL_UNKNOWN`, `TOC_REQUEST_CONFLICT`
   */
  async subscribe(principal: Principal, given: SubscriptionGiven): Promise<NewSubscription> {
    const platformId = principal.organisationId;
    authorise(principal, 'subscription:manage', { organisationId: platformId });
    const connector = connectorById(given.connector);
    if (!connector) throw rejection('TOC_REQUEST_PARAMETER', 'There is no such connector.');
    const settings = connector.readSettings(given.settings ?? {});
    await requireRoom(this.database.manager, await loadPlatform(this.database.manager, platformId), given);
    const registration = await connector.register(platformId, settings, this.registrar.context);
    const id = uuid();
    const begun: Omit<SubscriptionRow, 'revision'> = {
      id,
      platformId,
      connector: connector.id,
      channels: given.channels,
      filter: readFilter(given.filter),
      settings: registration.settings,
      sealedSecrets: sealSecrets(this.registrar.secretKeys, id, registration.secrets),
      state: 'active',
      leavePolicy: null,
      changedAt: new Date(),
    };
    return changeState(this.database, 'directory', async (manager) => {
      await requireRoom(manager, await lockPlatform(manager, platformId), given);
      // A receiver keeps what it heard under earlier subscriptions: the same version has to beat that.
      const earlier = await manager.maximum(Subscription, 'revision', { platformId });
      const subscription = { ...begun, revision: 1 + (earlier ?? 0) };
      await manager.insert(Subscription, subscription);
      const detail = { platform: platformId, connector: connector.id, channels: given.channels };
      const audit = { actor: principal.personId, action: 'subscribe', subject: `subscription/${id}`, detail };
      return { result: { subscription, handOver: registration.handOver }, audit };
    });
  }

  /**
   * Counts what a subscription of the principal's platform would bring, before there is one.
   * @throws rejections `TOC_CHANNEL_UNKNOWN`, `TOC_REQUEST_CONFLICT`, transients `TOC_REQUEST_TOO_MANY`, `TOC_PEER_UNAVAILABLE`
   */
  async preview(principal: Principal, { channels, filter, connector }: PreviewGiven): Promise<Plain<PreviewShown>> {
    const platformId = principal.organisationId;
    authorise(principal, 'subscription:manage', { organisationId: platformId });
    const { manager } = this.database;
    await requireAdmitted(manager, await loadPlatform(manager, platformId), channels);
    const previews: Plain<ChannelPreview>[] = [];
    for (const channel of channels) {
      const json = { channel, filter: readFilter(filter), connector: connector ?? 'webhook' };
      previews.push(await this.peers.platformApi.request('POST', '/internal/previews', { principal, json }));
    }
    return { channels: previews };
  }

  /** A platform's own subscriptions; all of them for operators and oversight. */
  async list(principal: Principal): Promise<SubscriptionRow[]> {
    const own = principal.organisationKind === 'platform';
    authorise(principal, 'subscription:read', own ? { organisationId: principal.organisationId } : undefined);
    const where = own ? { platformId: principal.organisationId } : {};
    return this.database.getRepository(Subscription).find({ where, order: { id: 'ASC' } });
  }

  async read(principal: Principal, id: string): Promise<SubscriptionRow> {
    const subscription = await this.database.getRepository(Subscription).findOneBy({ id });
    authorise(principal, 'subscription:read', { organisationId: subscription?.platformId ?? NOBODY });
    return found(subscription);
  }

  /** Changes channels or filter: a new revision, unless it says what was said already. */
  async change(principal: Principal, id: string, changes: SubscriptionChanges): Promise<SubscriptionRow> {
    return changeState(this.database, 'directory', async (manager) => {
      const before = await loadForChange(manager, principal, id);
      const after: SubscriptionRow = {
        ...before,
        channels: changes.channels ?? before.channels,
        filter: changes.filter ? readFilter(changes.filter) : before.filter,
      };
      if (isSameRequest(before, after)) return { result: before, audit: undefined };
      const added = after.channels.filter((channel) => !before.channels.includes(channel));
      const platform = await lockPlatform(manager, before.platformId);
      await requireAdmitted(manager, platform, added);
      after.revision = before.revision + 1;
      after.changedAt = new Date();
      const { channels, filter, revision, changedAt } = after;
      await manager.update(Subscription, { id }, { channels, filter, revision, changedAt });
      const audit = {
        actor: principal.personId,
        action: 'change-subscription',
        subject: `subscription/${id}`,
        detail: { revision, channels },
      };
      return { result: after, audit };
    });
  }
}

/**
 * Loads a subscription that its platform is about to change, and locks it.
 * @throws a rejection `TOC_ACCESS_NOT_FOUND` for another platform's as for none, `TOC_REQUEST_CONFLICT` after departure
 */
export async function loadForChange(
  manager: EntityManager,
  principal: Principal,
  id: string,
  action: 'subscription:manage' | 'subscription:pause' = 'subscription:manage',
): Promise<SubscriptionRow> {
  const subscription = await manager.findOne(Subscription, { where: { id }, lock: { mode: 'pessimistic_write' } });
  authorise(principal, action, { organisationId: subscription?.platformId ?? NOBODY });
  if (found(subscription).state === 'left') throw rejection('TOC_REQUEST_CONFLICT', 'The subscription has ended.');
  return found(subscription);
}

function found(subscription: SubscriptionRow | null): SubscriptionRow {
  if (!subscription) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such subscription for this key.');
  return subscription;
}

function readFilter({ types, harms, languages, ceilings }: SubscriptionFilter = {}): SubscriptionFilter {
  return {
    ...(types && { types: [...types].sort() }),
    ...(harms && { harms: [...harms].sort() }),
    ...(languages && { languages: [...languages].sort() }),
    ...(ceilings && { ceilings: [...ceilings].sort() }),
  };
}

function isSameRequest(a: SubscriptionRow, b: SubscriptionRow): boolean {
  const said = ({ channels, filter }: SubscriptionRow): string =>
    JSON.stringify([[...channels].sort(), readFilter(filter)]);
  return said(a) === said(b);
}

async function loadPlatform(manager: EntityManager, id: string): Promise<OrganisationRow> {
  return requireActive(await manager.findOneBy(Organisation, { id }));
}

/** The row stays locked to the end, so that the platform is not suspended, or filled up, in between. */
async function lockPlatform(manager: EntityManager, id: string): Promise<OrganisationRow> {
  return requireActive(await manager.findOne(Organisation, { where: { id }, lock: { mode: 'pessimistic_write' } }));
}

function requireActive(platform: OrganisationRow | null): OrganisationRow {
  if (platform?.state === 'active') return platform;
  throw rejection('TOC_REQUEST_CONFLICT', 'The platform is not an active member of this exchange.');
}

async function requireRoom(manager: EntityManager, platform: OrganisationRow, given: SubscriptionGiven): Promise<void> {
  await requireAdmitted(manager, platform, given.channels);
  const present = await manager.findBy(Subscription, { platformId: platform.id, state: Not('left') });
  if (present.length >= MOST_SUBSCRIPTIONS) {
    throw rejection('TOC_REQUEST_CONFLICT', `The platform has ${MOST_SUBSCRIPTIONS} subscriptions; end one first.`);
  }
  const [young] = await manager.query<{ count: number }[]>(
    `SELECT count(*)::integer AS count FROM directory.subscription
     WHERE platform_id = $1 AND created_at > now() - interval '1 day'`,
    [platform.id],
  );
  if ((young?.count ?? 0) >= MOST_NEW_IN_A_DAY) {
    throw rejection('TOC_REQUEST_CONFLICT', `The platform has begun ${MOST_NEW_IN_A_DAY} subscriptions within a day.`);
  }
  const { onePerPlatform } = connectorById(given.connector) ?? {};
  if (onePerPlatform && present.some(({ connector }) => connector === given.connector)) {
    throw rejection('TOC_REQUEST_CONFLICT', `The platform has a subscription by ${given.connector}; change that one.`);
  }
}

/** A channel that does not admit the platform is told apart from none by nothing. */
async function requireAdmitted(
  manager: EntityManager,
  platform: OrganisationRow,
  channels: readonly string[],
): Promise<void> {
  const audible = audibleOf(platform);
  const open = channels.length === 0 ? [] : await manager.findBy(Channel, { id: In([...channels]), state: 'open' });
  const admitted = open.filter(({ audience }) => audible && admits(audience, audible)).map(({ id }) => id);
  const refused = channels.filter((id) => !admitted.includes(id));
  if (refused.length > 0) {
    throw rejection('TOC_CHANNEL_UNKNOWN', 'There is no such open channel for this platform.', { channels: refused });
  }
}
