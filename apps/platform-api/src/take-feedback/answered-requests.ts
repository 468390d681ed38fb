import type { EntityManager } from 'typeorm';
import { rejection } from '#libs/domain';
import type { ItemAnswer } from './feedback.dto.js';

/** A request that named an idempotency key. */
export interface KeyedRequest {
  platformId: string;
  key: string;
  /** SHA-256 of what it said. */
  digest: Buffer;
}

/**
 * What was answered under a key before, while the platform's day is locked: of two at once, one comes first.
 * @throws a rejection `TOC_SUBMISSION_IDEMPOTENCY` when the key was used with other items
 */
export async function answeredBefore(
  manager: EntityManager,
  { platformId, key, digest }: KeyedRequest,
): Promise<ItemAnswer[] | undefined> {
  const [before] = await manager.query<{ digest: Buffer; answer: ItemAnswer[] }[]>(
    'SELECT digest, answer FROM platform_api.feedback_request WHERE platform_id = $1 AND idempotency_key = $2',
    [platformId, key],
  );
  if (before && !before.digest.equals(digest))
    throw rejection('TOC_SUBMISSION_IDEMPOTENCY', 'the idempotency key was used with other items');
  return before?.answer;
}

/** Keeps an answer for repeats. */
export async function keepAnswer(
  manager: EntityManager,
  { platformId, key, digest }: KeyedRequest,
  answers: readonly ItemAnswer[],
): Promise<void> {
  await manager.query(
    'INSERT INTO platform_api.feedback_request (platform_id, idempotency_key, digest, answer) VALUES ($1, $2, $3, $4)',
    [platformId, key, digest, JSON.stringify(answers)],
  );
}
