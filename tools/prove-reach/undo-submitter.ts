import type { TwoOperators } from '../local-exchange/found-organisations.js';

/**
 * Two operators undo what an agency submitted since a moment.
 * @param agency the agency's id
 * @throws when the preview counts another number of assertions
 */
export async function undoSubmitter(
  [operator, second]: TwoOperators,
  agency: string,
  { from, assertions }: { from: Date; assertions: number },
): Promise<void> {
  const until = new Date(Date.now() + 60_000);
  const subject = { agency, from: from.toISOString(), until: until.toISOString() };
  const window = new URLSearchParams(subject).toString();
  const preview = await operator.call<{ submissions: number; assertions: number }>('GET', `/v1/undo-preview?${window}`);
  if (preview.submissions !== 1 || preview.assertions !== assertions)
    throw new Error(`another number would be undone: ${JSON.stringify(preview)}`);
  const proposal = { action: 'undo-submitter', subject, reason: 'the key was lost' };
  const { id } = await operator.call<{ id: string }>('POST', '/v1/proposals', proposal);
  await second.call('POST', `/v1/proposals/${id}/confirmation`, {});
}
