import { askingConnector } from '../asking-connector.js';

/** The platform fetches what is new. The records are those that others are sent, byte for byte. */
export const feed = askingConnector({
  id: 'feed',
  title: 'Feed (the platform fetches)',
  carries: { ceiling: true, drill: true },
});
