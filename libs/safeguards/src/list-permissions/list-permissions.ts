import type { Safeguard, SafeguardRule } from '../safeguard.js';

const PERMITTED = {
  id: 'list-permission',
  version: 1,
  does: 'reject',
  says: 'Rejects items of a list of a third party whose owner has not permitted the agency to share it here.',
} as const satisfies SafeguardRule;

const OF_A_LIST = /^third-party-list:(.+)$/;

/**
 * Lists of third parties (NCMEC, IWF, INHOPE, Project Arachnid, StopNCII, GIFCT, Tech Against Terrorism and every other)
 * come under terms of their owners: nothing of them is published unless operators recorded the permission.
 */
export const listPermissionsSafeguard: Safeguard = {
  id: 'list-permissions',
  rules: [PERMITTED],
  judgeStatement({ origin }, { permittedLists }) {
    const list = OF_A_LIST.exec(origin)?.[1];
    if (list === undefined || permittedLists.has(list)) return undefined;
    const detail = 'it comes from a list of others, and no permission of its owner is recorded for this agency';
    return { ruling: 'reject', rule: PERMITTED, code: 'TOC_ITEM_ORIGIN', detail };
  },
};
