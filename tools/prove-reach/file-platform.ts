import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiClient } from '../local-exchange/api-client.js';
import { FileTable, type FileManifest } from '../receivers/file-table.js';
import type { ReceivedRow } from '../receivers/row-table.js';
import type { Fetching } from './fetching-platforms.js';
import type { HeldState, RunningPlatform } from './running-platform.js';

/** An Ed25519 public key of 32 bytes begins so in DER (RFC 8410, section 4). */
const DER = Buffer.from('302a300506032b6570032100', 'hex');

interface Part {
  file: string;
  sha256: string;
}

/** Of an increment, which is a part itself; of a full file with its parts. */
type Manifest = FileManifest & Part & { parts?: Part[] };

/** Takes signed files out of its folder, and applies what is signed by the exchange. */
export class FilePlatform implements RunningPlatform {
  readonly path = 'signed-file';
  private readonly rows = new FileTable();
  private readonly keys: readonly KeyObject[];

  /** @param folder its own · @param publicKeys as handed over */
  constructor(
    private readonly given: Fetching,
    private readonly folder: string,
    publicKeys: readonly string[],
  ) {
    this.keys = publicKeys.map((key) =>
      createPublicKey({
        key: Buffer.concat([DER, Buffer.from(key.slice('whpk_'.length), 'base64')]),
        format: 'der',
        type: 'spki',
      }),
    );
  }

  get name(): string {
    return this.given.name;
  }

  get client(): ApiClient {
    return new ApiClient(this.given.url, this.given.key);
  }

  async catchUp(): Promise<void> {
    const folder = join(this.folder, this.given.channel);
    const names = await readdir(folder).catch(() => []);
    // Withdrawals before content.
    for (const name of names
      .filter((file) => file.endsWith('.json'))
      .sort()
      .reverse())
      await this.take(folder, name);
  }

  private async take(folder: string, name: string): Promise<void> {
    const text = await readFile(join(folder, name));
    const signatures = (await readFile(join(folder, `${name}.sig`), 'utf8')).trimEnd().split('\n');
    const isOurs = signatures.some((line) =>
      this.keys.some((key) => verify(null, text, key, Buffer.from(line.split(' ')[1] ?? '', 'base64'))),
    );
    if (!isOurs) throw new Error(`${name} is signed by nobody that ${this.name} knows`);
    const manifest = JSON.parse(text.toString()) as Manifest;
    const parts = manifest.parts ?? [manifest];
    const records: ReceivedRow[] = [];
    for (const { file, sha256 } of parts) {
      const lines = await readFile(join(folder, file));
      if (createHash('sha256').update(lines).digest('hex') !== sha256)
        throw new Error(`${file} is not what its manifest says`);
      for (const line of lines.toString().trimEnd().split('\n')) records.push(JSON.parse(line) as ReceivedRow);
    }
    this.rows.apply(manifest, records);
    for (const file of [name, `${name}.sig`, ...parts.map((part) => part.file)]) await rm(join(folder, file));
  }

  shouldHold({ length }: readonly string[]): number {
    return length;
  }

  held(): Promise<HeldState[]> {
    const rows = this.rows.rows().filter(({ record }) => record.channel === this.given.channel);
    return Promise.resolve(rows.map(({ state, version, record }) => ({ row_id: record.row_id, state, version })));
  }
}
