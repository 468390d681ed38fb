import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { Organisation, query, type AdmissionSaid } from '#libs/persistence';
import { ProposalsService } from '../decide-together/proposals.service.js';
import type { OrganisationRow, Plain, ProposalRow } from '../plain.js';
import type { AdmissionGiven, AdmissionShown, Agreement, LegalEntity } from './admission.dto.js';
import { presentOrganisation } from './admit-organisation.js';

const LONGEST_UNTIL_REVIEW_MS = 366 * 86_400_000;

interface AdmissionRow {
  organisation_id: string;
  name: string;
  kind: 'agency' | 'platform';
  standing: string;
  basis: 'decided' | 'before-admissions' | null;
  review_on: string | null;
  due: boolean;
  said: Partial<AdmissionSaid> | null;
  proposed_by: string | null;
  confirmed_by: string | null;
  admitted_at: Date | null;
}

/** Whom nobody has decided about, or whose day has come. */
const DUE = `(a.id IS NULL OR a.basis <> 'decided' OR a.review_on <= current_date)`;

const READ = `
  SELECT o.id AS organisation_id, o.name, o.kind, o.standing, a.basis, a.review_on::text AS review_on, ${DUE} AS due,
    a.said, a.proposed_by, a.confirmed_by, a.admitted_at
  FROM directory.organisation o
  LEFT JOIN directory.admission a ON a.organisation_id = o.id AND a.replaced_at IS NULL
  WHERE o.kind IN ('agency', 'platform') AND o.state <> 'left'`;

/** Admissions of agencies and platforms: proposed with their grounds by one operator, decided by another. */
@Injectable()
export class AdmissionsService {
  constructor(
    private readonly database: DataSource,
    private readonly proposals: ProposalsService,
  ) {}

  /** @throws rejections `TOC_REQUEST_PARAMETER`, `TOC_REQUEST_CONFLICT`, `TOC_ACCESS_NOT_FOUND` */
  async propose(principal: Principal, organisationId: string, given: AdmissionGiven): Promise<ProposalRow> {
    const { reason } = given;
    return this.proposals.keep(principal, { action: 'admit', reason }, async (manager) => ({
      subject: { organisation: organisationId },
      content: await readAdmission(manager, organisationId, given, new Date()),
    }));
  }

  /** Those that somebody has to look at first come first. */
  async list(principal: Principal, dueOnly: boolean): Promise<Plain<AdmissionShown>[]> {
    authorise(principal, 'organisation:list');
    const sql = `${READ} ${dueOnly ? `AND ${DUE}` : ''} ORDER BY due DESC, a.review_on NULLS FIRST, o.name`;
    return (await query<AdmissionRow>(this.database, sql)).map(shown);
  }

  async read(principal: Principal, id: string): Promise<Plain<AdmissionShown>> {
    authorise(principal, 'organisation:read', { organisationId: id });
    const [row] = await query<AdmissionRow>(this.database, `${READ} AND o.id = $1`, [id]);
    if (!row) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such organisation.');
    return shown(row);
  }
}

/** Organisations that somebody has to look at. */
export async function countDueAdmissions(database: DataSource): Promise<number> {
  const [row] = await query<{ due: number }>(
    database,
    `SELECT count(*)::integer AS due FROM (${READ} AND ${DUE}) admissions`,
  );
  return row?.due ?? 0;
}

/** Field by field, so that nothing is kept that is not named here. */
async function readAdmission(
  manager: EntityManager,
  organisationId: string,
  { legal_entity, agreement, sponsor, review_on, platform, agency }: AdmissionGiven,
  now: Date,
): Promise<AdmissionSaid> {
  const organisation = await presentOrganisation(manager, organisationId);
  if (organisation.kind !== 'agency' && organisation.kind !== 'platform')
    refuse('Only agencies and platforms are admitted in this way.');
  if ((organisation.kind === 'platform') !== (platform !== undefined))
    refuse('A platform, and only a platform, has the part platform.');
  if ((organisation.kind === 'agency') !== (agency !== undefined))
    refuse('An agency, and only an agency, has the part agency.');
  if (agency && !organisation.desks.some(({ id }) => id === agency.night_desk))
    refuse('night_desk is not one of the desks of the agency.');
  requireDays(agreement.signed_on, review_on, now);
  await requireSponsor(manager, sponsor, organisation);
  return {
    legal_entity: entityOf(legal_entity),
    agreement: agreementOf(agreement),
    sponsor,
    review_on,
    platform,
    agency,
  };
}

const entityOf = ({ name, registration_number, country }: LegalEntity) => ({ name, registration_number, country });
const agreementOf = ({ reference, sha256, signed_on }: Agreement) => ({ reference, sha256, signed_on });

function requireDays(signedOn: string, reviewOn: string, now: Date): void {
  const [signed, review] = [dayOf(signedOn), dayOf(reviewOn)];
  if (Number.isNaN(signed) || signed > now.getTime()) refuse('signed_on is not a day that has been.');
  if (!(review > now.getTime()) || review > now.getTime() + LONGEST_UNTIL_REVIEW_MS)
    refuse('review_on is not a day within a year.');
}

/** Milliseconds since 1970; of a day that is in no calendar, not a number. */
function dayOf(text: string): number {
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text ? Number.NaN : at;
}

/** Somebody has to be the first agency: for it the operators vouch. */
async function requireSponsor(manager: EntityManager, id: string, candidate: OrganisationRow): Promise<void> {
  const sponsor = await manager.findOneBy(Organisation, { id, state: 'active' });
  const kinds = ['agency', 'platform', ...(candidate.kind === 'agency' ? ['operator'] : [])];
  if (!sponsor || !kinds.includes(sponsor.kind) || id === candidate.id)
    refuse('The sponsor is an agency, or another member, that takes part.');
}

function refuse(problem: string): never {
  throw rejection('TOC_REQUEST_PARAMETER', problem);
}

function shown({ kind, standing, basis, said, admitted_at, ...row }: AdmissionRow): Plain<AdmissionShown> {
  return {
    ...row,
    kind,
    standing: kind === 'platform' ? standing : null,
    basis: basis ?? 'none',
    said: said ?? {},
    admitted_at: admitted_at?.toISOString() ?? null,
  };
}
