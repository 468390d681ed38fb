/** Announces on PostgreSQL's notification channel that a channel has new positions; the payload is the channel. */
export const FEED_NOTIFICATION = 'tocsin_feed';
