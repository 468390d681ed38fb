import { isCsea, isExactHash, licenceFor, mayCarry, urlHost, type HashLicence, type Statement } from '#libs/domain';
import type { CandidateSignal } from '#libs/formats';
import { asHosted, asOutLink, type LoweredCeiling } from '#libs/safeguards';
import type { PlatformService } from '../read-directory/directory-snapshot.js';
import { digestOf, type Assertable, type DecisionContext } from './decide-statement.js';

/** Where a signal goes: with the words as they are, with words of its own, or nowhere. */
export type Placement = Assertable | { nowhere: 'licence' | 'marking' | 'not-live' | 'not-hosted' };

/**
 * Finds for each signal of a submission where it goes. A hash that is licensed goes to channels of licensed platforms
 * only; an exact address on the proved service of a platform goes to that platform alone, for a short time; an address
 * elsewhere is a link to everybody, with the ceiling of one, and so is a phrase, which people quote. A referral goes to nobody but the platform that hosts the
 * item. Everything else goes with the words as they are.
 */
export class SignalPlacer {
  /** By words, then by what makes the difference: words are few, signals are many. */
  private readonly placed = new WeakMap<Assertable, Map<string, Placement>>();

  constructor(private readonly context: DecisionContext) {}

  place(signal: CandidateSignal, words: Assertable): Placement {
    const { type, value } = signal;
    if (words.statement.nature === 'referral') return this.placeReferral(signal, words);
    if (isExactHash(type)) return words;
    const licence = licenceFor(type, isCsea(words.statement.harms));
    if (licence) return this.once(words, licence, () => this.forLicensed(words, licence));
    if (type === 'url' && isCsea(words.statement.harms))
      return this.once(words, 'hashed', () => {
        const placement = this.forLicensed(words, 'url-sha256');
        return 'nowhere' in placement ? placement : { ...placement, asHash: true };
      });
    if (type !== 'url' && type !== 'domain' && type !== 'phrase') return words;
    const service = type === 'url' ? this.serviceOf(value) : undefined;
    if (service) return this.once(words, `service/${service.host}`, () => this.forHost(words, service));
    return this.once(words, 'out-link', () => this.forOthers(words));
  }

  private placeReferral({ type, value }: CandidateSignal, words: Assertable): Placement {
    const service = type === 'url' ? this.serviceOf(value) : undefined;
    if (!service) return { nowhere: 'not-hosted' };
    return this.once(words, `service/${service.host}`, () => {
      if (!isCsea(words.statement.harms)) return this.forHost(words, service);
      // An address of abuse material is never in clear, not even for the platform that it is on.
      if (!this.isLicensed(service.channel, 'url-sha256')) return { nowhere: 'licence' };
      const placement = this.forHost(words, service);
      return 'nowhere' in placement ? placement : { ...placement, asHash: true };
    });
  }

  /** The service on which an exact address is; nobody in a drill, whose channels are its own. */
  private serviceOf(url: string): PlatformService | undefined {
    return this.context.drill ? undefined : this.context.directory.serviceOf(urlHost(url));
  }

  private once(words: Assertable, key: string, make: () => Placement): Placement {
    const known = this.placed.get(words) ?? new Map<string, Placement>();
    this.placed.set(words, known);
    const placement = known.get(key) ?? make();
    known.set(key, placement);
    return placement;
  }

  private forLicensed(words: Assertable, licence: HashLicence): Placement {
    const channels = words.channels.filter((id) => this.isLicensed(id, licence));
    return channels.length === 0 ? { nowhere: 'licence' } : reworded(words, words.statement, channels);
  }

  private isLicensed(channel: string, licence: HashLicence): boolean {
    return this.context.directory.channel(channel)?.audience.licences?.includes(licence) ?? false;
  }

  private forHost(words: Assertable, { channel: id }: PlatformService): Placement {
    const { directory, receivedAt } = this.context;
    const channel = directory.channel(id);
    if (!channel?.open || !mayCarry(channel, words.statement.marking, directory.countryOf))
      return { nowhere: 'marking' };
    const statement = asHosted(words.statement, receivedAt);
    const until = Date.parse(statement.validUntil);
    if (until <= receivedAt.getTime() || until <= Date.parse(statement.validFrom)) return { nowhere: 'not-live' };
    return reworded(words, statement, [id]);
  }

  private forOthers(words: Assertable): Placement {
    const { statement, lowered } = asOutLink(words.statement);
    return lowered.length === 0 ? words : reworded(words, statement, words.channels, lowered);
  }
}

function reworded(
  words: Assertable,
  statement: Statement,
  channels: string[],
  lowered: readonly LoweredCeiling[] = [],
): Assertable {
  const digest = digestOf(statement, channels);
  return { ...words, statement, channels, digest, lowered: [...words.lowered, ...lowered] };
}
