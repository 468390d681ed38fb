export type { LoweredCeiling, SafeguardFacts } from './safeguard.js';
export { asHosted, asOutLink } from './hosting/hosting.js';
export { judgeSignal, judgeStatement, lowerCeilings } from './judge.js';
export { JUDGES, type ListContent } from './protected-lists/list-content.js';
export { findPeopleData } from './people-data/find-people-data.js';
export { ProtectedLists } from './protected-lists/protected-lists.js';
export { readProtectedList } from './protected-lists/read-protected-list.js';
