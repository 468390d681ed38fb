import type { ConnectorContext, DeliveryOutcome } from '#libs/connectors';
import { familyOf, TocsinError } from '#libs/domain';
import type { Logger } from '#libs/runtime';
import type { Lane, PreparedDelivery } from './delivery-target.js';

/** What turns a prepared batch into a call of its connector. */
export interface ConnectorCalls {
  /** One for each lane, so that an emergency never waits behind a bulk write. */
  contexts: Record<Lane, ConnectorContext>;
  /** Opens the sealed secrets of a subscription. @throws when no key opens them */
  unseal: (sealed: Buffer, subscriptionId: string) => Record<string, string>;
  logger: Logger;
}

/**
 * Hands the batch to its connector, whatever happens. An error that says nothing about the receiver counts as
 * unavailable when it is ours by name, and as refused when it is a bug over these very records: halving then finds the
 * record, and the others go on.
 */
export async function callConnector(
  { contexts, unseal, logger }: ConnectorCalls,
  { batch, connector, settings, sealedSecrets }: PreparedDelivery,
): Promise<DeliveryOutcome> {
  const ids = { subscription: batch.subscriptionId, channel: batch.channelId, batch: batch.batchId };
  try {
    const secrets = unseal(sealedSecrets, batch.subscriptionId);
    return await connector.deliver(batch, settings, secrets, contexts[batch.lane]);
  } catch (thrown) {
    if (familyOf(thrown) === 'fault') logger.error({ ...ids, err: thrown }, 'connector-failed');
    if (thrown instanceof TocsinError) return { outcome: 'unavailable', detail: `${thrown.title}.` };
    return { outcome: 'refused', detail: 'The connector could not carry this.' };
  }
}
