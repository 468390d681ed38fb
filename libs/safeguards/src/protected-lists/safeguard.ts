import type { Safeguard, SafeguardRule } from '../safeguard.js';
import type { ProtectedHit, ProtectedLists } from './protected-lists.js';

function holds<const Id extends string>(id: Id, says: string): SafeguardRule & { id: Id } {
  return { id, version: 1, does: 'hold', says };
}

const RULES = {
  host: holds('protected-host', 'Holds what is on a protected host, or would take one with it.'),
  network: holds('protected-network', 'Holds what is at an address in a protected network.'),
  'look-alike': holds('protected-look-alike', 'Holds what is on a host that looks like a protected one.'),
  carried: holds('protected-carried', 'Holds an address that names a protected one in its host, path or query.'),
  'public-suffix': holds('public-suffix', 'Holds names below which others register theirs (publicsuffix.org).'),
  digest: holds('protected-digest', 'Holds exact hashes of content that is known to be harmless.'),
  'near-hash': holds(
    'protected-near-hash',
    'Holds perceptual hashes near one of a picture that is known to be harmless.',
  ),
} as const satisfies Record<ProtectedHit['by'], SafeguardRule>;

function hitOf(lists: ProtectedLists, type: string, value: string): ProtectedHit | undefined {
  if (type === 'url') return lists.hitUrl(value);
  if (type === 'domain') return lists.hitDomain(value);
  if (type === 'pdq') return lists.hitNear(value);
  return lists.hitDigest(value);
}

/** Protected lists: journalism, archives, help and what very many people rely on is never published unseen. */
export const protectedListsSafeguard: Safeguard = {
  id: 'protected-lists',
  rules: Object.values(RULES),
  judgeSignal({ type, value }, _statement, { protectedLists }) {
    const hit = hitOf(protectedLists, type, value);
    if (!hit) return undefined;
    const detail = {
      because: hit.because,
      type,
      // Lists are data of their own: the decision names the version of both.
      ...(hit.listed && { list: hit.listed.list, list_version: hit.listed.version }),
    };
    return { ruling: 'hold', rule: RULES[hit.by], reason: 'protected-list', detail };
  },
};
