import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { authorise, makeApiKey, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { ApiKey, changeState, Organisation, Person } from '#libs/persistence';
import { NOBODY } from '../nobody.js';
import { overlapMs, type KeyGiven } from './key.dto.js';
import type { PersonRow, ApiKeyRow } from '../plain.js';

/** Most keys of one person that are good at a time; rotation needs two. */
const MOST_LIVE_KEYS = 10;

/** A key just made. */
export interface IssuedKey {
  /** The key as the person will use it; kept nowhere. */
  key: string;
  row: ApiKeyRow;
  replaced?: ApiKeyRow;
}

/** Issues, rotates, lists and revokes the keys of people. */
@Injectable()
export class KeysService {
  constructor(private readonly database: DataSource) {}

  /**
   * Makes a key for a person. Everybody rotates their own, naming the key that is replaced; an operator alone issues
   * keys for people who decide nothing, and proposes them for the others.
   * @throws rejections `TOC_REQUEST_PARAMETER`, `TOC_REQUEST_CONFLICT`, `TOC_ACCESS_NOT_FOUND`,
   * `TOC_ACCESS_SECOND_PERSON`
   */
  async issue(principal: Principal, personId: string, given: KeyGiven): Promise<IssuedKey> {
    return changeState(this.database, 'directory', async (manager) => {
      const issued = await issueKey(manager, principal, personId, given);
      const { row, replaced } = issued;
      const audit = {
        actor: principal.personId,
        action: replaced ? 'rotate-key' : 'issue-key',
        subject: `person/${personId}`,
        detail: { key: row.id, ...(replaced && { replaces: replaced.id, overlap_ms: overlapMs(given) }) },
      };
      return { result: issued, audit };
    });
  }

  /** The keys of a person, newest first, without their hashes. */
  async list(principal: Principal, personId: string): Promise<ApiKeyRow[]> {
    const person = await this.database.getRepository(Person).findOneBy({ id: personId });
    authorise(principal, 'key:list', { organisationId: person?.organisationId ?? NOBODY, personId });
    if (!person) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such person.');
    return this.database.getRepository(ApiKey).find({ where: { personId }, order: { createdAt: 'DESC', id: 'ASC' } });
  }

  /** Ends a key at once. Ending it again changes nothing. */
  async revoke(principal: Principal, keyId: string, reason: string): Promise<ApiKeyRow> {
    return changeState(this.database, 'directory', async (manager) => {
      const key: ApiKeyRow | null = await manager.findOne(ApiKey, {
        where: { id: keyId },
        lock: { mode: 'pessimistic_write' },
      });
      const person = key && (await manager.findOneBy(Person, { id: key.personId }));
      authorise(principal, 'key:revoke', { organisationId: person?.organisationId ?? NOBODY, personId: person?.id });
      if (!key || !person) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such key.');
      if (key.revokedAt) return { result: key, audit: undefined };
      const revoked: ApiKeyRow = { ...key, revokedAt: new Date() };
      await manager.update(ApiKey, { id: keyId }, { revokedAt: revoked.revokedAt });
      const audit = {
        actor: principal.personId,
        action: 'revoke-key',
        subject: `person/${person.id}`,
        reason,
        detail: { key: keyId },
      };
      return { result: revoked, audit };
    });
  }
}

/**
 * Makes a key within a transaction.
 * @param proposedBy the other operator, where two decide
 */
export async function issueKey(
  manager: EntityManager,
  principal: Principal,
  personId: string,
  given: KeyGiven,
  proposedBy?: string,
): Promise<IssuedKey> {
  const person = await loadPerson(manager, personId);
  const { organisationId = NOBODY, roles } = person ?? {};
  authorise(principal, 'key:issue', { organisationId, personId, roles, proposedBy });
  if (!person) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such person.');
  const now = new Date();
  const expiresAt = given.expires_at === undefined ? null : new Date(given.expires_at);
  requireSense(principal, personId, given, expiresAt, now);
  await requireActive(manager, person);
  const old = given.replaces === undefined ? undefined : await loadReplaceable(manager, personId, given.replaces, now);
  const replaced = old && (await replace(manager, old, given, now));
  const keys = await manager.findBy(ApiKey, { personId });
  if (keys.filter((key) => isLive(key, now)).length >= MOST_LIVE_KEYS) {
    throw rejection('TOC_REQUEST_CONFLICT', `The person has ${MOST_LIVE_KEYS} live keys; revoke one first.`);
  }
  const { id, key, secretHash } = makeApiKey();
  // Who rotates a key of one's own cannot make it live longer than it was given.
  const limit = principal.personId === personId ? (old?.expiresAt ?? null) : null;
  const row: ApiKeyRow = {
    id,
    personId,
    secretHash,
    createdAt: now,
    expiresAt: earlier(expiresAt, limit),
    revokedAt: null,
  };
  await manager.insert(ApiKey, row);
  return { key, row, replaced };
}

/** The row is locked, so that two issues at a time count each other's keys. */
async function loadPerson(manager: EntityManager, id: string): Promise<PersonRow | null> {
  return manager.findOne(Person, { where: { id }, lock: { mode: 'pessimistic_write' } });
}

function isLive({ revokedAt, expiresAt }: ApiKeyRow, now: Date): boolean {
  return revokedAt === null && (expiresAt === null || expiresAt > now);
}

function requireSense(
  principal: Principal,
  personId: string,
  given: KeyGiven,
  expiresAt: Date | null,
  now: Date,
): void {
  const problem = (sentence: string): never => {
    throw rejection('TOC_REQUEST_PARAMETER', sentence);
  };
  if (principal.personId === personId && given.replaces === undefined)
    problem('Your own new key says which one it replaces.');
  if (given.overlap_hours !== undefined && given.replaces === undefined)
    problem('overlap_hours is said with replaces.');
  if (expiresAt !== null && expiresAt <= now) problem('expires_at is in the past.');
}

async function requireActive(manager: EntityManager, person: PersonRow): Promise<void> {
  const organisation = await manager.findOneBy(Organisation, { id: person.organisationId });
  if (person.state !== 'active' || !organisation || organisation.state === 'left') {
    throw rejection('TOC_REQUEST_CONFLICT', 'The person, or the organisation, has left.');
  }
}

async function loadReplaceable(manager: EntityManager, personId: string, id: string, now: Date): Promise<ApiKeyRow> {
  const old = await manager.findOneBy(ApiKey, { id, personId });
  if (old && isLive(old, now)) return old;
  throw rejection('TOC_REQUEST_CONFLICT', 'The key to replace is not a live key of this person.');
}

/** Gives the old key its end, never a later one than it had. */
async function replace(manager: EntityManager, old: ApiKeyRow, given: KeyGiven, now: Date): Promise<ApiKeyRow> {
  const end = new Date(now.getTime() + overlapMs(given));
  const replaced: ApiKeyRow =
    end <= now ? { ...old, revokedAt: now } : { ...old, expiresAt: earlier(old.expiresAt, end) };
  await manager.update(ApiKey, { id: old.id }, { expiresAt: replaced.expiresAt, revokedAt: replaced.revokedAt });
  return replaced;
}

/** The earlier of two ends; `null` is no end. */
function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a <= b ? a : b;
}
