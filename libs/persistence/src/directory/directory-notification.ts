/** PostgreSQL's notification channel on which changes of organisations, channels, subscriptions and stops are told. */
export const DIRECTORY_NOTIFICATION = 'tocsin_directory';
