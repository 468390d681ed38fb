import { rejection } from '#libs/domain';

/** SQLSTATE unique_violation. */
const UNIQUE_VIOLATION = '23505';

/**
 * Runs a change that may meet a name or id that is taken.
 * @throws a rejection `TOC_REQUEST_CONFLICT` with the given sentence, or what was thrown
 */
export async function unlessTaken<Result>(sentence: string, change: () => Promise<Result>): Promise<Result> {
  try {
    return await change();
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === UNIQUE_VIOLATION) {
      throw rejection('TOC_REQUEST_CONFLICT', sentence);
    }
    throw thrown;
  }
}
