import { createHash, createPublicKey, randomUUID, verify } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyRing, webhookSigning } from '#libs/access';
import type { SubscriptionFilter } from '#libs/persistence';
import type { FileManifest } from '../../../tools/receivers/file-table.js';
import type { ReceivedRow } from '../../../tools/receivers/row-table.js';
import { eventually, type Exchange } from './exchange.js';

const DER = Buffer.from('302a300506032b6570032100', 'hex');

/** A file as a receiver reads it once it is verified. */
export interface FileTaken {
  name: string;
  manifest: FileManifest & { records: number; parts?: { file: string }[] };
  records: ReceivedRow[];
}

/** Platforms that take signed files, and the folders in which they find them. */
export class FileSubscribers {
  private constructor(
    private readonly exchange: Exchange,
    readonly root: string,
  ) {}

  static async open(exchange: Exchange): Promise<FileSubscribers> {
    const root = await mkdtemp(join(tmpdir(), 'tocsin-files-'));
    exchange.onClose(() => rm(root, { recursive: true, force: true }));
    return new FileSubscribers(exchange, root);
  }

  /** A subscription of these channels; its first full file is due at once. */
  async subscribe(
    channels: string[],
    given: { settings?: object; filter?: SubscriptionFilter; secrets?: Record<string, string> } = {},
  ): Promise<FileSubscriber> {
    const [platformId, subscriptionId] = [await this.exchange.organisation('platform'), randomUUID()];
    await this.exchange.database.query(
      `INSERT INTO directory.subscription (id, platform_id, connector, channels, filter, settings, sealed_secrets, created_at)
       VALUES ($1, $2, 'signed-file', $3, $4, $5, $6, now() - interval '2 days')`,
      [
        ...[subscriptionId, platformId, channels, given.filter ?? {}],
        { full_at: 3, keep_days: 14, mail: 'none', ...given.settings },
        this.exchange.sealed(subscriptionId, given.secrets),
      ],
    );
    return new FileSubscriber(this.exchange, platformId, subscriptionId, join(this.root, platformId));
  }
}

/** One of them. */
export class FileSubscriber {
  constructor(
    private readonly exchange: Exchange,
    readonly platformId: string,
    readonly subscriptionId: string,
    readonly folder: string,
  ) {}

  /** Its files that have a manifest. @throws when one is not signed by the exchange, or is not of these records */
  async files(channel: string): Promise<FileTaken[]> {
    const folder = join(this.folder, channel);
    const names = await this.names(channel);
    const taken: FileTaken[] = [];
    for (const name of names.filter((one) => one.endsWith('.json'))) {
      const text = await readFile(join(folder, name));
      expect(this.isSigned(text, await readFile(join(folder, `${name}.sig`), 'utf8'))).toBe(true);
      const manifest = JSON.parse(text.toString()) as FileTaken['manifest'] & { file: string; sha256: string };
      const records: ReceivedRow[] = [];
      for (const part of (manifest.parts ?? [manifest]) as { file: string; sha256: string }[]) {
        const lines = await readFile(join(folder, part.file));
        expect(createHash('sha256').update(lines).digest('hex')).toBe(part.sha256);
        for (const line of lines.toString().split('\n').filter(Boolean)) records.push(JSON.parse(line) as ReceivedRow);
      }
      taken.push({ name, manifest, records });
    }
    return taken;
  }

  names(channel: string): Promise<string[]> {
    return readdir(join(this.folder, channel)).catch(() => []);
  }

  async fullFiles(channel: string): Promise<FileTaken[]> {
    return (await this.files(channel)).filter(({ manifest }) => manifest.holds === 'full');
  }

  /** Has a day go by for the full file of a channel, and waits for the next one. */
  async nextFullFile(channel: string, ms = 60_000): Promise<FileTaken> {
    const before = (await this.fullFiles(channel)).map(({ name }) => name);
    await this.exchange.database.query(
      `UPDATE delivery.full_file SET begun_at = begun_at - interval '1 day', next_try_at = now() WHERE subscription_id = $1 AND channel_id = $2`,
      [this.subscriptionId, channel],
    );
    let found: FileTaken | undefined;
    await eventually(async () => {
      found = (await this.fullFiles(channel)).find(({ name }) => !before.includes(name));
      expect(found).toBeDefined();
      // Its receipt as well, so that the next one is not due yet.
      const [row] = await this.exchange.database.query<{ begun_at: Date | null }[]>(
        `SELECT begun_at FROM delivery.full_file WHERE subscription_id = $1 AND channel_id = $2 AND begun_at > now() - interval '10 minutes'`,
        [this.subscriptionId, channel],
      );
      expect(row).toBeDefined();
    }, ms);
    if (!found) throw new Error('there is no full file');
    return found;
  }

  publicKeys(): string[] {
    return webhookSigning(KeyRing.open(this.exchange.keysDir, 'webhook-signing'))
      .publicKeys()
      .map(({ raw }) => `whpk_${raw.toString('base64')}`);
  }

  private isSigned(text: Buffer, signatures: string): boolean {
    const keys = this.publicKeys().map((key) =>
      createPublicKey({
        key: Buffer.concat([DER, Buffer.from(key.slice(5), 'base64')]),
        format: 'der',
        type: 'spki',
      }),
    );
    return signatures
      .trimEnd()
      .split('\n')
      .some((line) => keys.some((key) => verify(null, text, key, Buffer.from(line.split(' ')[1] ?? '', 'base64'))));
  }
}
