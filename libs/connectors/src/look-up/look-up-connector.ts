import { askingConnector } from '../asking-connector.js';

/**
 * The platform asks by short prefixes of digests and decides itself what it found. What it asked is kept nowhere, so that it is
 * given every withdrawal of its channels.
 */
export const lookUp = askingConnector({
  id: 'look-up',
  title: 'Look-up (the platform asks by a prefix)',
  carries: { ceiling: true, drill: true },
});
