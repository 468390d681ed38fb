import { Injectable } from '@nestjs/common';
import { DataSource, In, type EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState, Channel, Organisation } from '#libs/persistence';
import { unlessTaken } from '../directory-conflicts.js';
import { revokeKafkaUser } from './end-of-membership.js';
import type { OrganisationChanges, OrganisationFilter, OrganisationGiven } from './organisation.dto.js';
import { readStandingDefaults } from './standing-defaults.js';
import type { OrganisationRow } from '../plain.js';

const NAME_TAKEN = 'An organisation of this name exists.';

/** Admits organisations, keeps what is known of them, and suspends them. */
@Injectable()
export class OrganisationsService {
  constructor(private readonly database: DataSource) {}

  /** @throws rejections `TOC_REQUEST_PARAMETER`, `TOC_REQUEST_CONFLICT`, `TOC_CHANNEL_UNKNOWN` */
  async admit(principal: Principal, given: OrganisationGiven): Promise<OrganisationRow> {
    authorise(principal, 'organisation:manage');
    requireFieldsOfKind(given);
    const desks = readDesks(given.desks ?? []);
    const organisation: OrganisationRow = {
      id: uuid(),
      kind: given.kind,
      name: given.name,
      country: given.country,
      platformKind: given.platform_kind ?? null,
      state: 'active',
      desks,
      defaults: readStandingDefaults(given.defaults ?? {}, desks),
      defaultChannels: given.default_channels ?? [],
      signalsADay: null,
      reviewOneIn: 0,
      licences: given.licences ?? [],
      listPermissions: [],
      standing: 'match-only',
      receivesCsea: false,
      noticesTo: null,
      corporateGroup: given.corporate_group ?? null,
    };
    return unlessTaken(NAME_TAKEN, () =>
      changeState(this.database, 'directory', async (manager) => {
        await requireOpenChannels(manager, organisation.defaultChannels);
        await manager.insert(Organisation, organisation);
        const { id, kind, country } = organisation;
        const audit = {
          actor: principal.personId,
          action: 'admit-organisation',
          subject: `organisation/${id}`,
          detail: { kind, country },
        };
        return { result: organisation, audit };
      }),
    );
  }

  /** All organisations, by name. */
  async list(principal: Principal, filter: OrganisationFilter): Promise<OrganisationRow[]> {
    authorise(principal, 'organisation:list');
    const where = { ...(filter.kind && { kind: filter.kind }), ...(filter.state && { state: filter.state }) };
    return this.database.getRepository(Organisation).find({ where, order: { name: 'ASC' } });
  }

  async read(principal: Principal, id: string): Promise<OrganisationRow> {
    authorise(principal, 'organisation:read', { organisationId: id });
    return found(await this.database.getRepository(Organisation).findOneBy({ id }));
  }

  /**
   * Changes what is known of an organisation, or suspends it; two operators reinstate it. A platform that is to be cut off
   * has its Kafka user revoked in the same transaction.
   * @throws rejections `TOC_ACCESS_SECOND_PERSON` for a reinstatement, and as {@link admit}
   */
  async change(principal: Principal, id: string, changes: OrganisationChanges): Promise<OrganisationRow> {
    authorise(principal, 'organisation:manage');
    if (changes.state !== undefined) authorise(principal, 'platform:suspend');
    return unlessTaken(NAME_TAKEN, () =>
      changeState(this.database, 'directory', async (manager) => {
        const before = found(
          await manager.findOne(Organisation, { where: { id }, lock: { mode: 'pessimistic_write' } }),
        );
        const after = readChanges(before, changes);
        if (before.state === 'suspended' && after.state === 'active') authorise(principal, 'organisation:admit');
        await requireOpenChannels(manager, changes.default_channels ?? []);
        const { kind: _kind, country: _country, ...changeable } = after;
        await manager.update(Organisation, { id }, changeable);
        const detail = { changed: namesOf(changes), ...(await changeOfState(manager, before, after, changes.cut_off)) };
        const audit = {
          actor: principal.personId,
          action: before.state !== after.state || changes.cut_off ? 'suspend-organisation' : 'change-organisation',
          subject: `organisation/${id}`,
          reason: changes.reason,
          detail,
        };
        return { result: after, audit };
      }),
    );
  }
}

/** Names of the properties that are given. */
function namesOf({ reason: _reason, cut_off: _cutOff, ...changes }: OrganisationChanges): string[] {
  const given: Record<string, unknown> = changes;
  return Object.keys(given).filter((name) => given[name] !== undefined);
}

function found(organisation: OrganisationRow | null): OrganisationRow {
  if (!organisation) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such organisation.');
  return organisation;
}

function refuse(problem: string): never {
  throw rejection('TOC_REQUEST_PARAMETER', problem);
}

function requireFieldsOfKind({
  kind,
  platform_kind,
  licences,
  corporate_group,
  desks,
  defaults,
  default_channels,
}: OrganisationGiven): void {
  if (kind !== 'platform' && (licences ?? corporate_group) !== undefined)
    refuse('Only a platform has licences and a corporate group.');
  if ((kind === 'platform') !== (platform_kind !== undefined))
    refuse('A platform, and only a platform, has a platform_kind.');
  if (kind !== 'agency' && (desks ?? defaults ?? default_channels) !== undefined) {
    refuse('Only an agency has desks, standing defaults and default channels.');
  }
}

function readDesks(desks: readonly Organisation['desks'][number][]): OrganisationRow['desks'] {
  if (new Set(desks.map(({ id }) => id)).size < desks.length) refuse('Two desks have the same id.');
  return desks.map(({ id, name, email, phone }) => ({ id, name, email, phone }));
}

async function requireOpenChannels(manager: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const open = await manager.findBy(Channel, { id: In([...ids]), state: 'open' });
  const missing = ids.filter((id) => !open.some((channel) => channel.id === id));
  if (missing.length > 0)
    throw rejection('TOC_CHANNEL_UNKNOWN', 'There is no such open channel.', { channels: missing });
}

/** What the organisation will be. The defaults are read again with the desks, since they name one. */
function readChanges(before: OrganisationRow, changes: OrganisationChanges): OrganisationRow {
  if (before.kind === 'operator') {
    throw rejection('TOC_ACCESS_FORBIDDEN', 'The organisation of the operators is kept on the host, not here.');
  }
  if (before.state === 'left') throw rejection('TOC_REQUEST_CONFLICT', 'The organisation has left.');
  const { name, licences, signals_a_day, review_one_in, desks, defaults, default_channels, state, reason } = changes;
  const { notices_to, cut_off, corporate_group } = changes;
  if (before.kind !== 'platform' && (licences ?? notices_to ?? cut_off ?? corporate_group) !== undefined)
    refuse('Only a platform has licences, an address for notices, a corporate group and a Kafka user.');
  if (cut_off !== undefined && state !== 'suspended') refuse('cut_off goes with a suspension.');
  if (
    before.kind !== 'agency' &&
    (desks ?? defaults ?? default_channels ?? signals_a_day ?? review_one_in) !== undefined
  ) {
    refuse(
      'Only an agency has desks, standing defaults, default channels, a number of items a day and a share for review.',
    );
  }
  if (state !== undefined && state !== before.state && reason === undefined)
    refuse('A change of state needs a reason.');
  const desksAfter = desks ? readDesks(desks) : before.desks;
  const draft = defaults ? readStandingDefaults(defaults, desksAfter) : before.defaults;
  if (draft.contactDesk !== undefined && !desksAfter.some(({ id }) => id === draft.contactDesk)) {
    refuse('The standing defaults name a desk that would no longer be there.');
  }
  return {
    ...before,
    name: name ?? before.name,
    desks: desksAfter,
    defaults: draft,
    defaultChannels: default_channels ?? before.defaultChannels,
    licences: licences ?? before.licences,
    corporateGroup: corporate_group ?? before.corporateGroup,
    signalsADay: signals_a_day ?? before.signalsADay,
    reviewOneIn: review_one_in ?? before.reviewOneIn,
    noticesTo: notices_to ?? before.noticesTo,
    state: state ?? before.state,
  };
}

/** What a change of state brings with it; returns counts for the audit row. */
async function changeOfState(
  manager: EntityManager,
  before: OrganisationRow,
  after: OrganisationRow,
  cutOff = false,
): Promise<Record<string, unknown>> {
  if (before.state === after.state && !cutOff) return {};
  return {
    from: before.state,
    to: after.state,
    ...(cutOff && { kafka_users_revoked: await revokeKafkaUser(manager, after.id) }),
  };
}
