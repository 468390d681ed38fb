import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { authorise, type Principal } from '#libs/access';
import { canonicalise, isPublicSuffix, rejection } from '#libs/domain';
import { changeState, Channel, Organisation, Service, serviceChannelOf } from '#libs/persistence';
import { unlessTaken } from '../directory-conflicts.js';
import { NOBODY } from '../nobody.js';
import type { ChannelRow, ServiceRow } from '../plain.js';
import { proofWanted, ServiceProofs } from './proof-of-service.js';
import type { ServiceGiven } from './service.dto.js';

const MOST_SERVICES = 200;

/** Keeps which hosts are whose services; only what was proved counts. */
@Injectable()
export class ServicesService {
  constructor(
    private readonly database: DataSource,
    private readonly proofs: ServiceProofs,
  ) {}

  /** A platform's own; all of them for operators and oversight. */
  async list(principal: Principal): Promise<ServiceRow[]> {
    const own = principal.organisationKind === 'platform';
    authorise(principal, 'service:read', own ? { organisationId: principal.organisationId } : undefined);
    const where = own ? { platformId: principal.organisationId } : {};
    return this.database.getRepository(Service).find({ where, order: { host: 'ASC', id: 'ASC' } });
  }

  /** @throws rejections `TOC_REQUEST_PARAMETER`, `TOC_REQUEST_CONFLICT` */
  async register(principal: Principal, given: ServiceGiven): Promise<ServiceRow> {
    const platformId = principal.organisationId;
    authorise(principal, 'service:manage', { organisationId: platformId });
    const host = readHost(given.host);
    const token = randomBytes(24).toString('base64url');
    const service: ServiceRow = {
      ...{ id: uuid(), platformId, host, kind: given.kind, token },
      ...{ provedAt: null, createdAt: new Date() },
    };
    return unlessTaken('The platform has registered this host.', () =>
      changeState(this.database, 'directory', async (manager) => {
        await manager.findOneOrFail(Organisation, { where: { id: platformId }, lock: { mode: 'pessimistic_write' } });
        if ((await manager.countBy(Service, { platformId })) >= MOST_SERVICES)
          throw rejection('TOC_REQUEST_CONFLICT', `A platform registers at most ${MOST_SERVICES} hosts.`);
        await manager.insert(Service, service);
        return { result: service, audit: auditOf(principal, 'register-service', service) };
      }),
    );
  }

  /**
   * Looks for the proof, before anything is locked, and puts the service in force: a host that was another platform's
   * is no longer. The channel for what is on the platform's services is opened with the first.
   * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_REQUEST_CONFLICT` when the proof is not there
   */
  async prove(principal: Principal, id: string): Promise<ServiceRow> {
    const { host, token } = await this.load(this.database.manager, principal, id);
    const proof = await this.proofs.find(proofWanted(host, token));
    if (proof.by === undefined)
      throw rejection('TOC_REQUEST_CONFLICT', 'The proof was not found in the DNS, nor on the host.', proof.because);
    return changeState(this.database, 'directory', async (manager) => {
      const service = await this.load(manager, principal, id);
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`service/${host}`]);
      await manager.query('UPDATE directory.service SET proved_at = NULL WHERE host = $1 AND id <> $2', [host, id]);
      const proved: ServiceRow = { ...service, provedAt: new Date() };
      await manager.update(Service, { id }, { provedAt: proved.provedAt });
      await openServiceChannel(manager, service.platformId);
      const audit = auditOf(principal, 'prove-service', service);
      return { result: proved, audit: { ...audit, detail: { ...audit.detail, by: proof.by } } };
    });
  }

  async remove(principal: Principal, id: string): Promise<ServiceRow> {
    return changeState(this.database, 'directory', async (manager) => {
      const service = await this.load(manager, principal, id);
      await manager.delete(Service, { id });
      return { result: service, audit: auditOf(principal, 'remove-service', service) };
    });
  }

  private async load(manager: EntityManager, principal: Principal, id: string): Promise<ServiceRow> {
    const service = await manager.findOneBy(Service, { id });
    authorise(principal, 'service:manage', { organisationId: service?.platformId ?? NOBODY });
    if (!service) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such service for this key.');
    return service;
  }
}

function readHost(given: string): string {
  const host = canonicalise('domain', given);
  if (!host.ok) throw rejection('TOC_REQUEST_PARAMETER', `The host cannot be registered: ${host.detail}.`);
  if (isPublicSuffix(host.value))
    throw rejection('TOC_REQUEST_PARAMETER', 'Others register names below this one (publicsuffix.org).');
  return host.value;
}

function auditOf(
  principal: Principal,
  action: string,
  { id, platformId, host, kind }: ServiceRow,
): { actor: string; action: string; subject: string; detail: Record<string, unknown> } {
  const detail = { service: id, host, kind };
  return { actor: principal.personId, action, subject: `organisation/${platformId}`, detail };
}

/** A channel of one member; nobody else is ever admitted to it. */
async function openServiceChannel(manager: EntityManager, platformId: string): Promise<void> {
  const { name } = await manager.findOneByOrFail(Organisation, { id: platformId });
  const channel: ChannelRow = {
    id: serviceChannelOf(platformId),
    title: `On the services of ${name}`.slice(0, 200),
    audience: { members: [platformId] },
    highestTlp: 'amber+strict',
    priority: 'ordinary',
    drill: false,
    state: 'open',
  };
  if (!(await manager.existsBy(Channel, { id: channel.id }))) await manager.insert(Channel, channel);
}
