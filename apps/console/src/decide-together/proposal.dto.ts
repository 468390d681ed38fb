import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { ProposalAction } from '#libs/persistence';
import { Flag, FreeObject, Reason, Word } from '../request-properties.js';
import { Transform } from 'class-transformer';
import { applyDecorators } from '@nestjs/common';
import { JUDGES } from '#libs/safeguards';
import type { Plain, ProposalRow } from '../plain.js';

/** What no operator may do alone. */
export const PROPOSAL_ACTIONS = [
  'stop',
  'lift-stop',
  'purge',
  'rebuild',
  'retract',
  'issue-key',
  'grant-role',
  'replace-protected-list',
  'close-channel',
  'release-organisation',
  'permit-list',
  'undo-submitter',
  'admit',
  'change-standing',
  'reinstate',
  'close-duty',
] as const satisfies readonly ProposalAction[];

/** How long a proposal waits for its second person. */
export const PROPOSAL_LIFE_MS = 7 * 86_400_000;

/** A proposal; the words of its subject depend on the action, see {@link readSubject}. */
export class ProposalGiven {
  @Word(PROPOSAL_ACTIONS) action!: ProposalAction;
  @FreeObject({
    description:
      'stop: {scope: everything | agency | channel, id?} · lift-stop: {stop} · purge: {submission} · rebuild: {channel} · retract: {advisory, reason} · issue-key: {person, expires_at?} · grant-role: {person, role: officer | approver | admin} · replace-protected-list: {list, judges?} · close-channel: {channel} · release-organisation: {organisation, leave_policy?: keep-until-expiry | delete-all, for a platform} · permit-list: {agency, list, terms, until?}: the list as in the origin third-party-list:‹list› · undo-submitter: {agency, person?, key?, from, until}: what was received in that time · change-standing: {organisation, standing: match-only | full} · reinstate: {organisation} · admit: at /v1/organisations/{id}/admission · close-duty: {platform, statement, says: deleted | kept-until-expiry}: the SHA-256 of what a platform that left has signed',
    example: { scope: 'channel', id: 'nordic' },
  })
  subject!: Record<string, unknown>;
  @FreeObject({
    optional: true,
    description: 'With replace-protected-list: the whole list, `{title, judges, entries}` or a MISP warninglist.',
  })
  content?: Record<string, unknown>;
  @Reason() reason!: string;
}

/** Conditions in the query of the list. */
export class ProposalFilter {
  @applyDecorators(
    Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value)),
    Flag({ optional: true, description: 'Only those that wait for a second person.' }),
  )
  open?: boolean;
}

/** What two operators decide together. */
export class ProposalShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ enum: PROPOSAL_ACTIONS }) action!: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) subject!: Record<string, string>;
  @ApiProperty() reason!: string;
  @ApiProperty({ enum: ['open', 'lapsed', 'confirmed', 'done'] }) state!: 'open' | 'lapsed' | 'confirmed' | 'done';
  @ApiProperty({ format: 'uuid' }) proposed_by!: string;
  @ApiProperty({ format: 'date-time' }) proposed_at!: string;
  @ApiProperty({ type: String, format: 'uuid', nullable: true }) confirmed_by!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) confirmed_at!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) done_at!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true }) outcome!: Record<string, unknown> | null;
}

/** What would change in a protected list, for who has to confirm it. */
export class ListChange {
  @ApiProperty() title!: string;
  @ApiProperty({ enum: JUDGES }) judges!: string;
  @ApiProperty({ type: [String] }) added!: string[];
  @ApiProperty({ type: [String] }) removed!: string[];
}

/** One proposal, with what its subject cannot say. */
export class ProposalRead extends ProposalShown {
  @ApiPropertyOptional({ type: ListChange, description: 'While a new version of a protected list is not decided.' })
  list_change?: ListChange;
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'While an admission is not decided: what is said of the organisation.',
  })
  admission?: object;
}

/** A proposal just confirmed. */
export class ProposalConfirmed extends ProposalShown {
  @ApiPropertyOptional({ description: 'Of issue-key: the key. Shown now and never again; only a hash of it is kept.' })
  key?: string;
}

export class ProposalsShown {
  @ApiProperty({ type: [ProposalShown] }) proposals!: ProposalShown[];
}

/** Whether nobody confirmed it in time. */
export function hasLapsed({ confirmedAt, proposedAt }: ProposalRow, now: Date): boolean {
  return confirmedAt === null && now.getTime() - proposedAt.getTime() > PROPOSAL_LIFE_MS;
}

function stateOf(proposal: ProposalRow, now: Date): ProposalShown['state'] {
  if (proposal.doneAt) return 'done';
  if (proposal.confirmedAt) return 'confirmed';
  return hasLapsed(proposal, now) ? 'lapsed' : 'open';
}

/** What is shown of a proposal; its state follows from its times and from now. */
export function showProposal(proposal: ProposalRow, now: Date): Plain<ProposalShown> {
  return {
    id: proposal.id,
    action: proposal.action,
    subject: proposal.subject,
    reason: proposal.reason,
    state: stateOf(proposal, now),
    proposed_by: proposal.proposedBy,
    proposed_at: proposal.proposedAt.toISOString(),
    confirmed_by: proposal.confirmedBy,
    confirmed_at: proposal.confirmedAt?.toISOString() ?? null,
    done_at: proposal.doneAt?.toISOString() ?? null,
    outcome: proposal.outcome,
  };
}
