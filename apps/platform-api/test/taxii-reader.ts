import { collectionId } from '#libs/stix';
import { TAXII_MEDIA_TYPE } from '#libs/taxii';
import type { PlatformRig, RigPlatform } from './platform-rig.js';

/** An object of STIX, as far as specs look into it. */
export interface ReadObject {
  id: string;
  type: string;
  created: string;
  modified: string;
  created_by_ref?: string;
  revoked?: boolean;
  valid_until?: string;
  pattern?: string;
  extensions?: Record<string, Record<string, unknown>>;
  [name: string]: unknown;
}

/** An answer of TAXII. */
export interface Answered {
  status: number;
  headers: Headers;
  objects: ReadObject[];
  more: boolean;
  next?: string;
  last: string;
  body: Record<string, unknown>;
}

/** Extension that says which row an object is. */
export const ROW = 'extension-definition--4619b23b-2c30-4e94-b132-651fb55cb53f';

/** Reads collections of one platform as a client does. */
export class TaxiiReader {
  constructor(
    private readonly rig: PlatformRig,
    private readonly platform: Pick<RigPlatform, 'key'>,
    private readonly channel: string,
  ) {}

  async get(path: string, query: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<Answered> {
    const answer = await this.rig.fetch(this.platform, path, query, { accept: TAXII_MEDIA_TYPE, ...headers });
    const body = JSON.parse((await answer.text()) || '{}') as Record<string, unknown>;
    return {
      ...{ status: answer.status, headers: answer.headers, body },
      objects: (body['objects'] as ReadObject[] | undefined) ?? [],
      more: body['more'] === true,
      next: body['next'] as string | undefined,
      last: answer.headers.get('x-taxii-date-added-last') ?? '',
    };
  }

  get path(): string {
    return `/taxii2/channels/collections/${collectionId(this.channel)}/`;
  }

  read(query: Record<string, string> = {}, of = 'objects/'): Promise<Answered> {
    return this.get(`${this.path}${of}`, query);
  }

  /** Only what is of the channel: without what every collection begins with. */
  async rows(query: Record<string, string> = {}): Promise<Answered> {
    const answered = await this.read(query);
    return { ...answered, objects: answered.objects.filter(({ extensions }) => extensions?.[ROW]) };
  }

  /** Page after page to the end. */
  async walk(query: Record<string, string> = {}, of = 'objects/'): Promise<Answered[]> {
    const pages: Answered[] = [];
    for (let next: string | undefined; ;) {
      const page = await this.read({ ...query, ...(next ? { next } : {}) }, of);
      if (page.status !== 200) throw new Error(`answered ${page.status}`);
      pages.push(page);
      if (!page.more) return pages;
      if (page.objects.length === 0) throw new Error('more, and nothing given');
      next = page.next;
    }
  }
}

/** Which rows, in which version, and how. */
export function said({ objects }: Pick<Answered, 'objects'>): unknown[] {
  return objects.map(({ extensions, revoked }) => {
    const { row_id: row, version } = extensions?.[ROW] ?? {};
    return [row, version, revoked ? 'revoked' : 'live'];
  });
}

/** What a channel and its reader are opened with: the channel's audience, and the reader's filter. */
export type Opened = [
  audience?: Parameters<PlatformRig['channel']>[0],
  filter?: Parameters<PlatformRig['platform']>[1],
];

/** A channel, and a platform that reads it. */
export interface OpenCollection {
  channel: string;
  platform: RigPlatform;
  reader: TaxiiReader;
}

export async function openCollection(rig: PlatformRig, ...[audience, filter]: Opened): Promise<OpenCollection> {
  const channel = await rig.channel(audience);
  const platform = await rig.platform([channel], filter);
  return { channel, platform, reader: new TaxiiReader(rig, platform, channel) };
}
