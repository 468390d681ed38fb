import { fault } from '#libs/domain';
import type { Connector, SendingConnector } from './connector.js';
import { feed } from './feed/index.js';
import { hma } from './hma/index.js';
import { kafka } from './kafka/index.js';
import { lookUp } from './look-up/index.js';
import { signedFile } from './signed-file/index.js';
import { webhook } from './webhook/index.js';

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/**
 * Checks a list of connectors and freezes it. Ids are storage keys, so a slip is found at boot.
 * @throws a fault when an id is taken twice or is not kebab-case
 */
export function defineRegistry<const Listed extends readonly Connector[]>(listed: Listed): Listed {
  const seen = new Set<string>();
  for (const { id } of listed) {
    if (!KEBAB.test(id)) throw fault(`connector id ${JSON.stringify(id)} is not kebab-case`);
    if (seen.has(id)) throw fault(`connector id ${id} is registered twice`);
    seen.add(id);
  }
  return Object.freeze(listed);
}

/** Every way to receive. A new one is a folder beside these and its name here. */
export const CONNECTORS = defineRegistry([webhook, kafka, feed, lookUp, signedFile, hma]);

/** The connector of a stored id; undefined when there is none. */
export function connectorById(id: string): Connector | undefined {
  return CONNECTORS.find((connector) => connector.id === id);
}

/** Whether a connector sends; otherwise the platform fetches. */
export function sends(connector: Connector): connector is SendingConnector {
  return connector.deliver !== undefined;
}

/** Ids of the connectors that send. */
export const SENDING_CONNECTORS: readonly string[] = CONNECTORS.filter(sends).map(({ id }) => id);
