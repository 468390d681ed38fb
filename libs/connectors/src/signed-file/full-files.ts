import { transient } from '#libs/domain';
import type { ConnectorContext, OutgoingRecord } from '../connector.js';
import type { DailyFiles, FullFile, FullFileOf } from '../daily-files.js';
import { placeOf, type FilePlace } from './file-place.js';
import type { SignedFileSettings } from './file-settings.js';
import { fullManifest, partOf, type Part } from './signed-files.js';

/** A part is put when it has so many bytes; it is longer only by a record that alone is longer. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Content that waits longer for a connection is looked at anew before it leaves. */
const START_MS = 3_000;
const DAY_MS = 86_400_000;
/** How long old files are taken away at once. */
const REMOVAL_MS = 60_000;
/** How far the clocks of places may be from one another and from ours. */
const CLOCKS_MS = 3_600_000;

const OF_FULL = /^(full-\d{4}-\d{2}-\d{2}-[0-9a-f]{8,32})(?:-\d{4,6})?\.(ndjson|json\.sig|json)$/;
const OF_INCREMENT = /^(?:content|withdrawals)-[0-9a-f-]{36}\.(ndjson|json\.sig|json)$/;
/** Most names that are held at once; a folder with more of ours than that is left as it is, or tidied bit by bit. */
const MOST_NAMES = 50_000;

/** Collects lines into parts, in one buffer for all of them: what is held is one part. */
class FullFileInParts implements FullFile {
  private readonly parts: Part[] = [];
  private buffer = Buffer.allocUnsafeSlow(PART_BYTES);
  private bytes = 0;
  private records = 0;

  constructor(
    private readonly of: FullFileOf,
    private readonly place: FilePlace,
    private readonly context: ConnectorContext,
  ) {}

  async add(records: readonly OutgoingRecord[]): Promise<void> {
    for (const { body } of records) {
      const length = Buffer.byteLength(body) + 1;
      if (this.records > 0 && this.bytes + length > PART_BYTES) await this.putPart();
      if (length > this.buffer.length) this.buffer = Buffer.allocUnsafeSlow(length);
      this.bytes += this.buffer.write(`${body}\n`, this.bytes);
      this.records += 1;
    }
  }

  async finish(asOf: number): ReturnType<FullFile['finish']> {
    if (this.records > 0) await this.putPart();
    const files = fullManifest(this.of, this.parts, asOf, this.context.signing);
    for (const { name, bytes } of files) await this.put(name, bytes);
    const sum = (field: 'records' | 'bytes'): number => this.parts.reduce((total, part) => total + part[field], 0);
    const parts = this.parts.length;
    return { file: `${this.of.name}.json`, parts, records: sum('records'), bytes: sum('bytes') };
  }

  /** The manifest first: it may be there, though whoever put it was told otherwise, and must not be left without its parts. */
  async abandon(): Promise<void> {
    const { name } = this.of;
    for (const file of [`${name}.json`, `${name}.json.sig`, ...this.parts.map(({ file: part }) => part)])
      await this.place.files.remove(this.folder, file);
  }

  private get folder(): string[] {
    return this.place.folderOf(this.of.channelId);
  }

  private async putPart(): Promise<void> {
    const file = `${this.of.name}-${String(this.parts.length + 1).padStart(4, '0')}.ndjson`;
    const bytes = this.buffer.subarray(0, this.bytes);
    // Noted before, so that one that failed half-way is taken away as well.
    this.parts.push(partOf(file, bytes, this.records));
    await this.put(file, bytes);
    this.bytes = 0;
    this.records = 0;
  }

  private put(name: string, bytes: Buffer): Promise<void> {
    return this.place.files.put(this.folder, name, bytes, START_MS);
  }
}

function requirePlace(
  of: FullFileOf,
  settings: SignedFileSettings,
  secrets: Record<string, string>,
  context: ConnectorContext,
): FilePlace {
  const place = placeOf(of.platformId, settings, secrets, context);
  if (!place) throw transient('TOC_FILES_UNAVAILABLE', 'No folder for files is configured.');
  return place;
}

/** Others wait meanwhile, so what a slow place does not take away in its time is left for the next day. @returns how many */
async function removeAll({ files }: FilePlace, folder: readonly string[], names: readonly string[]): Promise<number> {
  const end = performance.now() + REMOVAL_MS;
  let removed = 0;
  for (const name of names) {
    if (performance.now() > end) break;
    await files.remove(folder, name);
    removed += 1;
  }
  return removed;
}

/** Full files in parts, listed by a manifest that is put last. */
export const fullFiles: DailyFiles<SignedFileSettings> = {
  hourOf: ({ full_at }) => full_at,

  async begin(of, settings, secrets, context) {
    const place = requirePlace(of, settings, secrets, context);
    const folder = place.folderOf(of.channelId);
    const finished = new Set<string>();
    const found: { name: string; stem: string }[] = [];
    for await (const { name } of place.files.list(folder)) {
      const [, stem, ending] = OF_FULL.exec(name) ?? [];
      if (stem === undefined) continue;
      if (ending === 'json') finished.add(stem);
      else found.push({ name, stem });
      if (finished.size + found.length > MOST_NAMES) break;
    }
    // Of half a listing nobody can tell what was finished.
    if (finished.size + found.length <= MOST_NAMES)
      await removeAll(
        place,
        folder,
        found.filter(({ stem }) => !finished.has(stem)).map(({ name }) => name),
      );
    return new FullFileInParts(of, place, context);
  },

  /**
   * Earlier full files, and increments that were there before the newest full file was begun, which therefore says all that they say:
   * both once they are as old as the platform asked for. Manifests go first, so that none is left without its records.
   */
  async tidy(of, settings, secrets, context) {
    const place = requirePlace(of, settings, secrets, context);
    const folder = place.folderOf(of.channelId);
    const isOld = context.now().getTime() - settings.keep_days * DAY_MS;
    const before = Math.min(isOld, of.begunAt.getTime() - CLOCKS_MS);
    const [manifests, others]: [string[], string[]] = [[], []];
    for await (const { name, at } of place.files.list(folder)) {
      const isNewest = OF_FULL.exec(name)?.[1] === of.name;
      const ending = (OF_FULL.exec(name) ?? OF_INCREMENT.exec(name))?.at(-1);
      if (isNewest || ending === undefined || manifests.length + others.length >= MOST_NAMES) continue;
      if (ending === 'json' && at.getTime() < before) manifests.push(name);
      if (ending !== 'json' && at.getTime() < before - CLOCKS_MS) others.push(name);
    }
    return removeAll(place, folder, [...manifests, ...others]);
  },
};
