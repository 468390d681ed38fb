import { canonicalise, isPublicSuffix, urlHost } from '#libs/domain';
import { carriedAddresses, carriedInHost, urlOf, type CarriedAddress } from './carried-addresses.js';
import { isCarrier } from './carriers.js';
import type { ProtectedListInForce } from './list-content.js';
import { skeletonOf } from './look-alike.js';
import { NearHashes } from './near-hashes.js';
import { NetworkMap, readNetwork } from './networks.js';
import { isOneItem } from './one-item.js';

/** Which list protects something, in which version. */
export interface Listed {
  list: string;
  version: number;
}

/** How a signal hit: by what, and on which list, where it is a list that decides. */
export interface ProtectedHit {
  by: 'host' | 'network' | 'look-alike' | 'carried' | 'public-suffix' | 'digest' | 'near-hash';
  because:
    | 'host'
    | 'part-of-host'
    | 'contains-host'
    | 'whole-host'
    | 'network'
    | 'looks-like-host'
    | 'carries-host'
    | 'public-suffix'
    | 'digest'
    | 'near-hash';
  listed?: Listed;
}

/** The domains above a host, the nearest first. */
function* parentsOf(host: string): Iterable<string> {
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) yield host.slice(dot + 1);
}

/** Hosts, networks and looks that lists of one kind protect. */
class ProtectedHosts {
  readonly hosts = new Map<string, Listed>();
  readonly networks = new NetworkMap<Listed>();
  private looks?: Map<string, Listed>;

  hit(host: string): ProtectedHit | undefined {
    const exact = this.hosts.get(host);
    if (exact) return { by: 'host', because: 'host', listed: exact };
    for (const parent of parentsOf(host)) {
      const listed = this.hosts.get(parent);
      if (listed) return { by: 'host', because: 'part-of-host', listed };
    }
    const network = this.networks.find(host);
    return network && { by: 'network', because: 'network', listed: network };
  }

  /** @param skeleton of a host */
  hitByLook(skeleton: string): ProtectedHit | undefined {
    this.looks ??= new Map([...this.hosts].map(([host, listed]) => [skeletonOf(host), listed]));
    let listed = this.looks.get(skeleton);
    for (const parent of parentsOf(skeleton)) listed ??= this.looks.get(parent);
    return listed && { by: 'look-alike', because: 'looks-like-host', listed };
  }
}

/**
 * Protected lists, compiled. They judge specificity: `any-hit` lists protect everything on a host or network, `whole-host`
 * lists only what is no exact item, `digest` lists exact hashes, `near-hash` lists perceptual ones. A host that looks like a protected one counts as it, and
 * so does an address that a URL carries.
 */
export class ProtectedLists {
  private readonly anyHit = new ProtectedHosts();
  private readonly wholeHost = new ProtectedHosts();
  /** Every domain above a listed host: blocking it would take the host with it. */
  private readonly above = new Map<string, Listed>();
  private readonly digests = new Map<string, Listed>();
  private readonly nearHashes = new NearHashes<Listed>();

  constructor(lists: readonly ProtectedListInForce[]) {
    for (const { id, version, judges, entries } of lists) {
      const listed = { list: id, version };
      for (const given of entries) {
        const entry = given.toLowerCase();
        if (judges === 'near-hash') {
          this.nearHashes.add(entry, listed);
          continue;
        }
        const network = judges === 'digest' ? undefined : readNetwork(entry);
        const protects = judges === 'any-hit' ? this.anyHit : this.wholeHost;
        if (judges === 'digest') this.digests.set(entry, listed);
        else if (network) protects.networks.add(network, listed);
        else {
          protects.hosts.set(entry, listed);
          for (const parent of parentsOf(entry)) this.above.set(parent, listed);
        }
      }
    }
  }

  /** The hit of an exact hash, if any. */
  hitDigest(digest: string): ProtectedHit | undefined {
    const listed = this.digests.get(digest);
    return listed && { by: 'digest', because: 'digest', listed };
  }

  /** The hit of a PDQ hash, if any: of one that is near. */
  hitNear(hash: string): ProtectedHit | undefined {
    const listed = this.nearHashes.find(hash);
    return listed && { by: 'near-hash', because: 'near-hash', listed };
  }

  /** The hit of a URL in canonical form, if any. */
  hitUrl(url: string): ProtectedHit | undefined {
    const host = urlHost(url);
    const skeleton = skeletonOf(host);
    return (
      this.anyHit.hit(host) ??
      this.hitWhole(host, skeleton, url) ??
      this.anyHit.hitByLook(skeleton) ??
      this.hitCarried(carriedAddresses(url), isCarrier(host))
    );
  }

  /** The hit of a domain in canonical form, if any. */
  hitDomain(domain: string): ProtectedHit | undefined {
    if (isPublicSuffix(domain)) return { by: 'public-suffix', because: 'public-suffix' };
    const above = this.above.get(domain);
    const skeleton = skeletonOf(domain);
    return (
      this.anyHit.hit(domain) ??
      this.wholeHost.hit(domain) ??
      (above && { by: 'host', because: 'contains-host', listed: above }) ??
      this.anyHit.hitByLook(skeleton) ??
      this.wholeHost.hitByLook(skeleton) ??
      this.hitCarried(carriedInHost(domain), false)
    );
  }

  /** A root or prefix on a host of many items; the root of a suffix stands for all who have names below it. */
  private hitWhole(host: string, skeleton: string, url: string): ProtectedHit | undefined {
    const hit = this.wholeHost.hit(host) ?? this.wholeHost.hitByLook(skeleton);
    if (!hit) {
      // Asked of roots only, since it takes longer than all the rest.
      const isRoot = url.endsWith('/') && url.indexOf('/', url.indexOf('//') + 2) === url.length - 1;
      return isRoot && isPublicSuffix(host) ? { by: 'public-suffix', because: 'public-suffix' } : undefined;
    }
    if (isOneItem(url)) return undefined;
    return hit.by === 'host' ? { ...hit, because: 'whole-host' } : hit;
  }

  /**
   * @param leads whether the carrier is known to lead to what it carries: then a carried root counts like the root itself
   */
  private hitCarried(carried: Iterable<CarriedAddress>, leads: boolean): ProtectedHit | undefined {
    for (const address of carried) {
      const { host } = address;
      const hit =
        this.anyHit.hit(host) ??
        this.anyHit.hitByLook(skeletonOf(host)) ??
        (leads ? this.hitCarriedWhole(urlOf(address)) : undefined);
      if (hit) return { by: 'carried', because: 'carries-host', listed: hit.listed };
    }
    return undefined;
  }

  private hitCarriedWhole(url: string): ProtectedHit | undefined {
    const canonical = canonicalise('url', url);
    if (!canonical.ok) return undefined;
    const host = urlHost(canonical.value);
    const hit = this.hitWhole(host, skeletonOf(host), canonical.value);
    return hit?.listed && hit;
  }
}
