/**
 * Whether a closing statement speaks of everything that its platform ever had: it did not subscribe again afterwards.
 * @param statement alias of the statement in a query
 */
export const statesAll = (statement: string): string =>
  `NOT EXISTS (SELECT FROM directory.subscription n WHERE n.platform_id = ${statement}.platform_id AND n.created_at > ${statement}.at)`;
