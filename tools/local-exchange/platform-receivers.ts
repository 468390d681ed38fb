import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, repositoryRoot, startTethered, type TetheredProcess } from '#libs/embedded';
import { ApiClient } from './api-client.js';
import type { StateFile } from './exchange-state.js';
import type { PlatformName } from './found-organisations.js';

/** A platform's receiver at work. */
export interface PlatformReceiver {
  platform: PlatformName;
  kind: 'webhook' | 'kafka';
  /** Address of its table and arrivals. */
  state: string;
  /** Where webhooks go. */
  url?: string;
}

interface Announcement {
  state: string;
  url?: string;
}

const WEBHOOKS: { platform: PlatformName; slowMs: number; channels: string[] }[] = [
  { platform: 'Framehub', slowMs: 0, channels: ['everyone', 'emergency'] },
  { platform: 'Pinegrove Forum', slowMs: 0, channels: ['everyone', 'france', 'emergency'] },
  { platform: 'Slowpoke Pictures', slowMs: 1500, channels: ['everyone', 'emergency'] },
];
const KAFKA: { platform: PlatformName; channels: string[] } = {
  platform: 'Streamvale',
  channels: ['everyone', 'emergency'],
};

/** A reader of Kafka may have to wait for one that was killed to lose its place. */
const READY_WITHIN_MS = 60_000;

/** Runs the demonstration's four platforms, each in its own process, and subscribes those that are not yet. */
export class PlatformReceivers {
  readonly receivers: PlatformReceiver[] = [];
  private readonly processes: TetheredProcess[] = [];

  constructor(
    private readonly dir: string,
    private readonly file: StateFile,
    private readonly consoleUrl: string,
    private readonly kafkaBootstrap: string,
  ) {}

  async start(): Promise<void> {
    await Promise.all(WEBHOOKS.map((webhook) => this.startWebhook(webhook)));
    await this.startKafka();
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((child) => child.stop()));
  }

  private admin(platform: PlatformName): ApiClient {
    const key = this.file.state.people.find(
      (person) => person.organisation === platform && person.role === 'admin',
    )?.key;
    if (!key) throw new Error(`the admin of ${platform} has no key`);
    return new ApiClient(this.consoleUrl, key);
  }

  private async startWebhook({ platform, slowMs, channels }: (typeof WEBHOOKS)[number]): Promise<void> {
    const kept = this.file.state.subscriptions[platform];
    const port = kept?.port ?? (await freePort());
    const slug = platform.toLowerCase().replaceAll(/[^a-z]+/g, '-');
    const keysFile = join(this.dir, `receiver-${slug}.keys.json`);
    if (kept) await writeFile(keysFile, JSON.stringify({ publicKeys: kept.handOver.public_keys }), { mode: 0o600 });
    const args = ['--port', String(port), '--json', '--slow', String(slowMs), ...(kept ? ['--keys', keysFile] : [])];
    const { state, url } = await this.spawn(slug, 'run-webhook-receiver.js', args);
    this.receivers.push({ platform, kind: 'webhook', state, url });
    if (kept) return;
    const subscription = await this.admin(platform).call<{ id: string; hand_over: Record<string, string[]> }>(
      'POST',
      '/v1/subscriptions',
      {
        connector: 'webhook',
        channels,
        settings: { url },
      },
    );
    this.file.state.subscriptions[platform] = { id: subscription.id, handOver: subscription.hand_over, port };
    await this.file.save();
    await new ApiClient(new URL('/', state).href, '').call('POST', '/control/trust', {
      publicKeys: subscription.hand_over.public_keys,
    });
  }

  private async startKafka(): Promise<void> {
    const { platform, channels } = KAFKA;
    const { state } = this.file;
    const admin = this.admin(platform);
    if (!state.subscriptions[platform]) {
      const subscription = await admin.call<{ id: string; hand_over: Record<string, string> }>(
        'POST',
        '/v1/subscriptions',
        { connector: 'kafka', channels, settings: {} },
      );
      state.subscriptions[platform] = { id: subscription.id, handOver: subscription.hand_over };
      await this.file.save();
    }
    if (!state.kafkaCredentials) {
      const issued = await admin.call<{ username: string; password: string; topic: string; group_prefix: string }>(
        'POST',
        `/v1/platforms/${state.organisations[platform]}/kafka-credentials`,
        {},
      );
      state.kafkaCredentials = {
        platform,
        username: issued.username,
        password: issued.password,
        topic: issued.topic,
        group: `${issued.group_prefix}demo`,
      };
      await this.file.save();
    }
    const { username, password, topic, group } = state.kafkaCredentials;
    const credentials = join(this.dir, 'receiver-streamvale.credentials.json');
    await writeFile(credentials, JSON.stringify({ username, password }), { mode: 0o600 });
    const announced = await this.spawn('streamvale', 'run-kafka-receiver.js', [
      '--brokers',
      this.kafkaBootstrap,
      '--topic',
      topic,
      '--group',
      group,
      '--credentials',
      credentials,
      '--json',
    ]);
    this.receivers.push({ platform, kind: 'kafka', state: announced.state });
  }

  /** Starts a receiver and waits for the line in which it says where it listens. */
  private async spawn(slug: string, program: string, args: string[]): Promise<Announcement> {
    const logFile = join(this.dir, 'logs', `receiver-${slug}.log`);
    await rm(logFile, { force: true });
    const child = await startTethered({
      command: process.execPath,
      args: ['--no-warnings=ExperimentalWarning', join(repositoryRoot(), 'dist/tools/receivers', program), ...args],
      logFile,
      graceMs: 3000,
    });
    this.processes.push(child);
    for (const until = Date.now() + READY_WITHIN_MS; Date.now() < until;) {
      const line = (await readFile(logFile, 'utf8')).split('\n').find((text) => text.startsWith('{'));
      if (line) return JSON.parse(line) as Announcement;
      if (child.end()) break;
      await sleep(25);
    }
    throw new Error(`A receiver of the demonstration did not start: its log is ${logFile}.`);
  }
}
