import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AwsV4Signer } from 'aws4fetch';
import { freePort, repositoryRoot } from '#libs/embedded';
import { pythonIn } from './python-packages.js';

const PACKAGE = 'moto[server]==5.2.5';
const REGION = 'eu-central-1';

/** Keys of somebody who may put, list and delete. */
export interface StoreKeys {
  access_key: string;
  secret_key: string;
}

/** A server that speaks S3 and verifies signatures, with what is in it in memory. */
export interface ObjectStore {
  url: string;
  region: string;
  keys: StoreKeys;
  /** Makes a bucket; as its owner, whoever that is. */
  makeBucket(name: string): Promise<void>;
  /** What is below a prefix. */
  read(bucket: string, prefix?: string): Promise<{ key: string; bytes: Buffer }[]>;
  /** Takes the bucket away with what is in it. */
  dropBucket(name: string): Promise<void>;
  close(): Promise<void>;
}

/** Python with the server in it, kept beside other programs; undefined, and said aloud, where it cannot be had. */
async function python(): Promise<string | undefined> {
  const kept = join(process.env.TOCSIN_CACHE_DIR ?? join(repositoryRoot(), 'var'), 'moto-5.2.5');
  if (!existsSync(join(kept, 'bin', 'python'))) {
    const fresh = `${kept}.${process.pid}`;
    await mkdir(fresh, { recursive: true });
    if ((await pythonIn(fresh, [PACKAGE])) === undefined) return undefined;
    // Whoever was faster has the same.
    await rename(fresh, kept).catch(() => rm(fresh, { recursive: true, force: true }));
  }
  return join(kept, 'bin', 'python');
}

/** Starts a server; undefined, and said aloud, where it cannot be had. */
export async function startObjectStore(): Promise<ObjectStore | undefined> {
  const program = await python();
  if (program === undefined) return undefined;
  const port = await freePort();
  const child = spawn(program, ['-c', 'from moto.server import main; main()', '-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await untilThere(`${url}/moto-api/`, child);
  const owner = new Owner(url);
  const keys = await owner.makeUser();
  // From now on every request is verified; the owner says each time that it is not.
  await owner.verify(true);
  const unverified = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    await owner.verify(false);
    try {
      return await act();
    } finally {
      await owner.verify(true);
    }
  };
  return {
    ...{ url, keys, region: REGION },
    makeBucket: (name) => unverified(() => owner.makeBucket(name)),
    read: (bucket, prefix = '') => unverified(() => owner.read(bucket, prefix)),
    dropBucket: (name) => unverified(() => owner.dropBucket(name)),
    close: async () => {
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
    },
  };
}

async function untilThere(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; child.exitCode === null && tries < 600; tries += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the server that speaks S3 did not start');
}

/** Whoever runs the server. */
class Owner {
  constructor(private readonly url: string) {}

  /** Whether requests are verified from now on. */
  async verify(wanted: boolean): Promise<void> {
    await fetch(`${this.url}/moto-api/reset-auth`, { method: 'POST', body: wanted ? '0' : 'inf' });
  }

  async makeUser(): Promise<StoreKeys> {
    await this.iam({ Action: 'CreateUser', UserName: 'tocsin' });
    const made = await this.iam({ Action: 'CreateAccessKey', UserName: 'tocsin' });
    const actions = ['s3:PutObject', 's3:DeleteObject', 's3:ListBucket', 's3:ListObjectsV2'];
    const Statement = [{ Effect: 'Allow', Action: actions, Resource: '*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await this.iam({ Action: 'PutUserPolicy', UserName: 'tocsin', PolicyName: 'files', PolicyDocument });
    const read = (name: string): string => new RegExp(`<${name}>([^<]*)`).exec(made)?.[1] ?? '';
    return { access_key: read('AccessKeyId'), secret_key: read('SecretAccessKey') };
  }

  async makeBucket(name: string): Promise<void> {
    const where = `<CreateBucketConfiguration><LocationConstraint>${REGION}</LocationConstraint></CreateBucketConfiguration>`;
    await this.ask('s3', 'PUT', `/${name}`, where);
  }

  async read(bucket: string, prefix: string): Promise<{ key: string; bytes: Buffer }[]> {
    const query = new URLSearchParams({ 'list-type': '2', prefix }).toString();
    const listed = (await this.ask('s3', 'GET', `/${bucket}?${query}`)).toString();
    const keys = [...listed.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => key);
    const found: { key: string; bytes: Buffer }[] = [];
    for (const key of keys) found.push({ key, bytes: await this.ask('s3', 'GET', `/${bucket}/${key}`) });
    return found;
  }

  async dropBucket(name: string): Promise<void> {
    for (const { key } of await this.read(name, '')) await this.ask('s3', 'DELETE', `/${name}/${key}`);
    await this.ask('s3', 'DELETE', `/${name}`);
  }

  private async iam(asked: Record<string, string>): Promise<string> {
    const body = new URLSearchParams({ Version: '2010-05-08', ...asked }).toString();
    return (await this.ask('iam', 'POST', '/', body)).toString();
  }

  private async ask(service: 's3' | 'iam', method: string, path: string, body?: string): Promise<Buffer> {
    const signer = new AwsV4Signer({
      ...{ method, url: `${this.url}${path}`, service, region: REGION, body },
      ...{ accessKeyId: 'owner', secretAccessKey: 'owner' },
      ...(service === 'iam' && { headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    });
    const { url, headers } = await signer.sign();
    const answer = await fetch(url, { method, headers, ...(body !== undefined && { body }) });
    if (!answer.ok) throw new Error(`the server that speaks S3 answers ${answer.status} to its owner`);
    return Buffer.from(await answer.arrayBuffer());
  }
}
