import { isPublicSuffix, urlHost } from '#libs/domain';
import type { ProtectedList } from '#libs/persistence';

/** A hit on a protected list: which list, in which version, and how it was hit. */
export interface ProtectedHit {
  list: string;
  version: number;
  because: 'host' | 'part-of-host' | 'contains-host' | 'whole-host' | 'public-suffix' | 'digest';
}

interface Listed {
  list: string;
  version: number;
}

/** Version of the rule that a public suffix is never one signal; the suffixes come with the package `tldts`. */
const PUBLIC_SUFFIX_RULE: Listed = { list: 'public-suffixes', version: 1 };

function parentsOf(host: string): string[] {
  const labels = host.split('.');
  return labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'));
}

/** Whether a canonical URL names one item, rather than a host or its root. */
function isOneItem(url: string): boolean {
  const { pathname, search } = new URL(url);
  return pathname !== '/' || search.length > 1;
}

/**
 * Protected lists, compiled. They judge specificity: `any-hit` lists protect everything on a host, `whole-host` lists
 * only the host as a whole, `digest` lists exact hashes.
 */
export class ProtectedHosts {
  private readonly anyHit = new Map<string, Listed>();
  private readonly wholeHost = new Map<string, Listed>();
  /** Every domain above a listed host: blocking it would take the host with it. */
  private readonly above = new Map<string, Listed>();
  private readonly digests = new Map<string, Listed>();

  constructor(lists: readonly ProtectedList[]) {
    for (const { id, version, judges, entries } of lists) {
      const listed = { list: id, version };
      const into = judges === 'digest' ? this.digests : judges === 'any-hit' ? this.anyHit : this.wholeHost;
      for (const entry of entries) {
        const value = entry.toLowerCase();
        into.set(value, listed);
        if (judges !== 'digest') for (const parent of parentsOf(value)) this.above.set(parent, listed);
      }
    }
  }

  /** The hit of a signal in canonical form, if any. */
  hit(type: string, value: string): ProtectedHit | undefined {
    if (type === 'url') return this.hitUrl(value);
    if (type === 'domain') return this.hitDomain(value);
    const digest = this.digests.get(value);
    return digest && { ...digest, because: 'digest' };
  }

  private hitUrl(url: string): ProtectedHit | undefined {
    const host = urlHost(url);
    const any = this.onOrBelow(this.anyHit, host);
    if (any) return any;
    const whole = this.onOrBelow(this.wholeHost, host);
    if (whole && !isOneItem(url)) return { ...whole, because: 'whole-host' };
    return undefined;
  }

  private hitDomain(domain: string): ProtectedHit | undefined {
    if (isPublicSuffix(domain)) return { ...PUBLIC_SUFFIX_RULE, because: 'public-suffix' };
    const above = this.above.get(domain);
    return (
      this.onOrBelow(this.anyHit, domain) ??
      this.onOrBelow(this.wholeHost, domain) ??
      (above && { ...above, because: 'contains-host' })
    );
  }

  private onOrBelow(map: Map<string, Listed>, host: string): ProtectedHit | undefined {
    const exact = map.get(host);
    if (exact) return { ...exact, because: 'host' };
    for (const parent of parentsOf(host)) {
      const listed = map.get(parent);
      if (listed) return { ...listed, because: 'part-of-host' };
    }
    return undefined;
  }
}
