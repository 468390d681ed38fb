import { In, IsNull, Not, type DataSource } from 'typeorm';
import type { AudienceRule, ContactDesk, Country, RoutableChannel, StatementDraft } from '#libs/domain';
import { admits } from '#libs/domain';
import {
  Channel,
  Organisation,
  ProtectedList,
  readDatabaseError,
  Service,
  serviceChannelOf,
  type ListPermission,
} from '#libs/persistence';
import { ProtectedLists, type SafeguardFacts } from '#libs/safeguards';

/** What the normaliser knows of an agency. */
export interface Agency {
  id: string;
  name: string;
  country: Country;
  desks: ContactDesk[];
  defaults: StatementDraft;
  defaultChannels: string[];
  /** Lists of third parties that it may submit now. */
  permittedLists: ReadonlySet<string>;
  /** Signals that it may assert in a day without anybody looking; null where nobody said. */
  signalsADay: number | null;
  /** One of its items in so many is drawn for review; 0 for none. */
  reviewOneIn: number;
}

export interface PlatformSeen {
  id: string;
  name: string;
  country: Country;
  kind: string;
  licences: readonly string[];
}

/** A host that a platform proved to be its service, and the channel of what is on it. */
export interface PlatformService {
  host: string;
  channel: string;
}

export type ChannelSeen = RoutableChannel & { title: string; open: boolean };

/** The directory as it stood a moment ago: who submits, who may receive, on which channels, and what is protected. */
export class DirectorySnapshot {
  constructor(
    private readonly agencies: ReadonlyMap<string, Agency>,
    private readonly platforms: ReadonlyMap<string, PlatformSeen>,
    private readonly channels: ReadonlyMap<string, ChannelSeen>,
    /** What the safeguards look up. */
    readonly safeguards: SafeguardFacts,
    private readonly services: ReadonlyMap<string, PlatformService> = new Map(),
  ) {}

  /** The service to which a canonical host belongs: the longest proved one that is the host or above it. */
  serviceOf(host: string): PlatformService | undefined {
    if (this.services.size === 0) return undefined;
    for (let name = host; ; name = name.slice(name.indexOf('.') + 1)) {
      const service = this.services.get(name);
      if (service || !name.includes('.')) return service;
    }
  }

  agency(id: string): Agency | undefined {
    return this.agencies.get(id);
  }

  channel(id: string): ChannelSeen | undefined {
    return this.channels.get(id);
  }

  /** Country of a platform, for routing. */
  readonly countryOf = (platformId: string): Country | undefined => this.platforms.get(platformId)?.country;

  /** Active platforms that a rule admits now. */
  audienceOf(rule: AudienceRule): PlatformSeen[] {
    return [...this.platforms.values()].filter((platform) => admits(rule, platform));
  }
}

function permittedNow(permissions: readonly ListPermission[]): string[] {
  const now = Date.now();
  return permissions.flatMap(({ list, until }) => (until !== null && Date.parse(until) <= now ? [] : [list]));
}

const FRESH_MS = 1000;

/** Reads the directory, at most once a second. */
export class DirectoryReader {
  private current?: { directory: Promise<DirectorySnapshot>; readAt: number };
  private protectedLists = new ProtectedLists([]);
  private protectedVersions = '';

  constructor(private readonly database: DataSource) {}

  read(): Promise<DirectorySnapshot> {
    const now = Date.now();
    if (!this.current || now - this.current.readAt > FRESH_MS) {
      const directory = this.load();
      this.current = { directory, readAt: now };
      directory.catch(() => (this.current = undefined));
    }
    return this.current.directory;
  }

  /** The directory as it stands now. */
  readAnew(): Promise<DirectorySnapshot> {
    this.current = undefined;
    return this.read();
  }

  private async load(): Promise<DirectorySnapshot> {
    try {
      const organisations = await this.database
        .getRepository(Organisation)
        .findBy({ kind: In(['agency', 'platform']) });
      const channels = await this.database.getRepository(Channel).find();
      const agencies = new Map<string, Agency>();
      const platforms = new Map<string, PlatformSeen>();
      for (const { kind, platformKind, state, ...organisation } of organisations) {
        const {
          id,
          name,
          country,
          desks,
          defaults,
          defaultChannels,
          listPermissions,
          licences,
          signalsADay,
          reviewOneIn,
        } = organisation;
        if (kind === 'agency') {
          const permittedLists = new Set(permittedNow(listPermissions));
          agencies.set(id, {
            id,
            name,
            country,
            desks,
            defaults,
            defaultChannels,
            permittedLists,
            signalsADay,
            reviewOneIn,
          });
        } else if (state === 'active') platforms.set(id, { id, name, country, kind: platformKind ?? '', licences });
      }
      const seen = channels.map(({ state, ...channel }): [string, ChannelSeen] => [
        channel.id,
        { ...channel, open: state === 'open' },
      ]);
      const proved = await this.database.getRepository(Service).findBy({ provedAt: Not(IsNull()) });
      const services = proved
        .filter(({ platformId }) => platforms.has(platformId))
        .map(({ host, platformId }): [string, PlatformService] => [
          host,
          { host, channel: serviceChannelOf(platformId) },
        ]);
      const safeguards = { protectedLists: await this.loadProtected() };
      return new DirectorySnapshot(agencies, platforms, new Map(seen), safeguards, new Map(services));
    } catch (thrown) {
      throw readDatabaseError(thrown);
    }
  }

  /** Lists are large and seldom change: they are read again only when a version changed. */
  private async loadProtected(): Promise<ProtectedLists> {
    const lists = this.database.getRepository(ProtectedList);
    const versions = await lists.find({ select: { id: true, version: true }, order: { id: 'ASC' } });
    const fingerprint = versions.map(({ id, version }) => `${id}@${version}`).join(' ');
    if (fingerprint !== this.protectedVersions) {
      this.protectedLists = new ProtectedLists(await lists.find());
      this.protectedVersions = fingerprint;
    }
    return this.protectedLists;
  }
}
