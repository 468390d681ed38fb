import { posix } from 'node:path';
import type { DroppedKind } from '../contents.js';
import type { Opening } from '../opening.js';
import { ZipArchive, type ZipEntry } from '../zip-archive/zip-archive.js';
import { attribute, readXml } from './read-xml.js';

/** What one part points at, by the id by which it is called. */
export type Relations = ReadonlyMap<string, { target: string; isExternal: boolean; type: string }>;

/** Where the parts lie that are neither text nor plumbing, and what they are. */
const DROPPED: readonly [RegExp, DroppedKind][] = [
  [/(?:^|\/)media\//i, 'media'],
  [/thumbnail\./i, 'media'],
  [/vba|macro|activex|ctrlProps/i, 'macro'],
  [/(?:^|\/)(?:embeddings|oleObjects|externalLinks)\//i, 'embedded-object'],
  [/comments?[^/]*\.xml$|threadedComments\//i, 'comments'],
  [/(?:^|\/)fonts\//i, 'media'],
];
/** Parts that say how a document looks; nobody wrote them. */
const PLUMBING =
  /^\[Content_Types\]\.xml$|\.rels$|(?:^|\/)(?:styles\w*|settings|webSettings|fontTable|numbering|theme\d*|calcChain|metadata|tableStyles|people|printerSettings\d*|sheetMetadata|stylesWithEffects|commentsExtended|commentsIds|commentsExtensible)\.(?:xml|bin)$|(?:^|\/)(?:theme|tables|drawings|charts|pivotTables|pivotCache|slicers|slicerCaches|queryTables|persons|chartsheets|printerSettings|glossary|diagrams|richData|revisions|featurePropertyBag|_xmlsignatures)\//i;

/** An Office Open XML package (ECMA-376, part 2): parts in a zip archive, with relations between them. */
export class OoxmlPackage {
  private readonly used = new Set<string>();

  private constructor(
    private readonly archive: ZipArchive,
    readonly opening: Opening,
  ) {}

  static async open(bytes: Buffer, opening: Opening): Promise<OoxmlPackage> {
    return new OoxmlPackage(await ZipArchive.open(bytes, opening), opening);
  }

  /** Names of the parts that match. */
  names(pattern: RegExp): string[] {
    return this.archive.entries.map(({ name }) => name).filter((name) => pattern.test(name));
  }

  /** The bytes of a part, decompressed; undefined when there is none of that name. */
  async part(name: string): Promise<Buffer | undefined> {
    const entry = this.archive.find(name);
    if (!entry) return undefined;
    this.used.add(entry.name);
    return this.archive.read(entry);
  }

  /** What a part points at. */
  async relationsOf(name: string): Promise<Relations> {
    const relations = new Map<string, { target: string; isExternal: boolean; type: string }>();
    const bytes = await this.part(`${posix.dirname(name)}/_rels/${posix.basename(name)}.rels`.replace(/^\.\//, ''));
    if (!bytes) return relations;
    readXml(bytes, this.opening, {
      open: (element, attributes) => {
        const id = attributes['Id'];
        if (element !== 'Relationship' || id === undefined) return;
        const { Target: target = '', TargetMode: mode, Type: type = '' } = attributes;
        const isExternal = mode === 'External';
        // A target is looked for among the parts and nowhere else.
        const inside = target.startsWith('/') ? target.slice(1) : posix.join(posix.dirname(name), target);
        relations.set(id, { target: isExternal ? target : inside, isExternal, type });
      },
    });
    return relations;
  }

  /** Has the properties looked at for markings: labels of sensitivity are written there. */
  async lookAtProperties(): Promise<void> {
    for (const name of this.names(/^(?:docProps|customXml|docMetadata)\/[^/]+\.xml$/i)) {
      const bytes = await this.part(name);
      if (!bytes) continue;
      // A property that has a name has its value in an element within.
      const open: { name: string; isGiven: boolean }[] = [];
      readXml(bytes, this.opening, {
        open: (element, attributes) => {
          const given = attribute(attributes, 'name');
          const around = open.at(-1);
          if (given !== undefined) open.push({ name: given, isGiven: true });
          else open.push(around?.isGiven ? around : { name: element, isGiven: false });
        },
        text: (text) => {
          if (text.trim() !== '') this.opening.lookAt(`${open.at(-1)?.name}: ${text.trim()}`);
        },
        close: () => open.pop(),
      });
    }
  }

  /** Names what was not read. */
  async dropTheRest(): Promise<void> {
    for (const entry of this.archive.entries) {
      if (this.used.has(entry.name)) continue;
      const kind = DROPPED.find(([pattern]) => pattern.test(entry.name))?.[1];
      if (kind === undefined && (PLUMBING.test(entry.name) || entry.name.endsWith('.xml'))) continue;
      this.opening.drop(entry.name, kind ?? 'not-text', await this.bytesOf(entry));
    }
  }

  private bytesOf(entry: ZipEntry): Promise<Buffer> {
    return this.archive.read(entry);
  }
}
