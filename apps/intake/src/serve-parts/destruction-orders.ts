import { isUUID } from 'class-validator';
import type { Principal } from '#libs/access';
import { ERROR_CODES, rejection } from '#libs/domain';

/** What two operators decided, as the console sends it on. */
export interface JointDecision {
  proposalId: string;
  proposedBy: string;
  confirmedBy: string;
  reason: string;
}

function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? { ...body } : {};
}

function malformed(detail: string): Error {
  return rejection('TOC_REQUEST_PARAMETER', detail);
}

/**
 * Reads a decision of two operators. Who confirmed it is the person on whose behalf the console asks.
 * @throws rejections `TOC_REQUEST_PARAMETER`, and `TOC_ACCESS_SECOND_PERSON` when one person would be both
 */
export function readDecision(body: unknown, principal: Principal): JointDecision {
  const { proposal_id: proposalId, proposed_by: proposedBy, reason } = fieldsOf(body);
  if (typeof proposalId !== 'string' || !isUUID(proposalId)) throw malformed('proposal_id is the id of a proposal');
  if (typeof proposedBy !== 'string' || !isUUID(proposedBy)) throw malformed('proposed_by is the id of a person');
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > 1000) {
    throw malformed('reason holds 1 to 1000 characters');
  }
  if (principal.organisationKind !== 'operator' || !principal.roles.includes('operator')) {
    throw rejection('TOC_ACCESS_FORBIDDEN', 'operators decide this');
  }
  if (proposedBy === principal.personId) throw rejection('TOC_ACCESS_SECOND_PERSON', 'a second operator confirms');
  return { proposalId, proposedBy, confirmedBy: principal.personId, reason };
}

/** Reads the report of a spill: a code of the list, and what was found, in words that repeat nothing of it. */
export function readSpill(body: unknown): { code: string; detail: string } {
  const { code, detail } = fieldsOf(body);
  if (typeof code !== 'string' || !Object.hasOwn(ERROR_CODES, code)) throw malformed('code is one of the error codes');
  return { code, detail: typeof detail === 'string' ? detail.slice(0, 500) : '' };
}
