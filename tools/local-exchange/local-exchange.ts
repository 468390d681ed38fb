import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createMissingKeys } from '#libs/access';
import { repositoryRoot, requireUnserved, stopInOrder } from '#libs/embedded';
import { ApiClient } from './api-client.js';
import { choosePorts, StateFile, type Ports } from './exchange-state.js';
import { foundOrganisations, type TwoOperators } from './found-organisations.js';
import { PlatformReceivers, type PlatformReceiver } from './platform-receivers.js';
import { requireMachine, startServers, type LocalServers } from './start-servers.js';
import { filesDir, LocalServices, SERVICES, type LoginUrls, type ServiceSurroundings } from './start-services.js';

/** How a local exchange is started. */
export interface LocalExchangeOptions {
  /** Folder of all its data. */
  dir: string;
  /** Folder of downloaded programs, shared by several checkouts. */
  cacheDir: string;
  reset?: boolean;
  portBase?: number | 'free';
  durability?: 'full' | 'test';
  environment?: 'demonstration' | 'test';
  /** Whether the demonstration's platforms run too. */
  receivers?: boolean;
  more?: ServiceSurroundings['more'];
  say: (sentence: string) => void;
  /** Told which process ended without being asked to, and where its log is. */
  onUnexpectedEnd: (what: string, logFile: string) => void;
}

/** The whole system on one machine: servers, services, organisations, platforms. */
export class LocalExchange {
  private constructor(
    readonly ports: Ports,
    readonly servers: LocalServers,
    readonly services: LocalServices,
    readonly file: StateFile,
    readonly receivers: readonly PlatformReceiver[],
    private readonly platforms: PlatformReceivers | undefined,
    /** Where platforms that receive signed files have their folders. */
    readonly filesDir: string,
  ) {}

  /**
   * Starts everything; a folder that was used before is used again.
   * @throws Error with sentences for a person; whatever was started by then is stopped
   */
  static async start(options: LocalExchangeOptions): Promise<LocalExchange> {
    const { dir, say } = options;
    const ports = await choosePorts(options.portBase ?? 7000);
    // First, so that an exchange that is running is not reset under itself.
    await requireMachine(dir, options.cacheDir, ports);
    if (options.reset) {
      await requireUnserved(join(dir, 'postgres'), say);
      await rm(dir, { recursive: true, force: true });
    }
    await mkdir(join(dir, 'logs'), { recursive: true, mode: 0o700 });
    await mkdir(filesDir(dir), { recursive: true, mode: 0o700 });
    const file = await StateFile.open(dir);
    const servers = await startServers(dir, options.cacheDir, file.state, ports, {
      durability: options.durability ?? 'full',
      say,
      onUnexpectedEnd: options.onUnexpectedEnd,
    });
    let services: LocalServices | undefined;
    let platforms: PlatformReceivers | undefined;
    try {
      const loginUrls = await openExchange(dir, servers.ownerUrl, file);
      const keysDir = join(dir, 'keys');
      createMissingKeys(keysDir, new Date());
      services = new LocalServices(
        {
          dir,
          keysDir,
          ports,
          state: file.state,
          loginUrls,
          kafkaBootstrap: servers.kafka.bootstrap,
          environment: options.environment ?? 'demonstration',
          more: options.more,
        },
        options.onUnexpectedEnd,
      );
      say(`Starting ${SERVICES.join(', ')}…`);
      await services.startAll();
      const consoleUrl = `http://127.0.0.1:${ports.console}`;
      if (file.isNew) say('Admitting two agencies, four platforms and three channels…');
      await foundOrganisations(file, operatorsOf(file, consoleUrl));
      if (options.receivers ?? true) {
        platforms = new PlatformReceivers(dir, file, consoleUrl, servers.kafka.bootstrap);
        say('Starting the platforms’ receivers…');
        await platforms.start();
      }
      return new LocalExchange(
        ...([ports, servers, services, file, platforms?.receivers ?? [], platforms, filesDir(dir)] as const),
      );
    } catch (thrown) {
      await platforms?.stop();
      await services?.stopAll();
      await stopInOrder([servers.kafka, servers.postgres]);
      throw thrown;
    }
  }

  url(service: 'intake' | 'console' | 'delivery' | 'normaliser' | 'platform-api'): string {
    return `http://127.0.0.1:${this.ports[service]}`;
  }

  /** Calls the console as each of the two operators. */
  operators(): TwoOperators {
    return operatorsOf(this.file, this.url('console'));
  }

  /** The key of a person of the demonstration. */
  key(organisation: string, role: string): string {
    const person = this.file.state.people.find((one) => one.organisation === organisation && one.role === role);
    if (!person) throw new Error(`nobody is ${role} of ${organisation}`);
    return person.key;
  }

  /** Services drain first, then the platforms end, then Kafka and PostgreSQL. */
  async stop(): Promise<void> {
    await this.services.stopAll();
    await this.platforms?.stop();
    await stopInOrder([this.servers.kafka, this.servers.postgres]);
  }

  /** Addresses and credentials of the demonstration, for outside tools. */
  describe(): Record<string, unknown> {
    const { state } = this.file;
    return {
      intake: this.url('intake'),
      console: this.url('console'),
      platform_api: this.url('platform-api'),
      openapi: Object.fromEntries(
        (['intake', 'console', 'platform-api'] as const).map((service) => [
          service,
          `${this.url(service)}/openapi.json`,
        ]),
      ),
      health: Object.fromEntries(
        SERVICES.map((service) => [service, `http://127.0.0.1:${this.ports[`${service}Ops`]}`]),
      ),
      kafka: {
        brokers: [this.servers.kafka.bootstrap],
        mechanism: 'scram-sha-512',
        security: 'SASL_PLAINTEXT',
        admin: { username: 'tocsin-admin', password: state.kafkaAdminPassword },
      },
      postgres: { owner_url: this.servers.ownerUrl },
      channels: state.channels,
      organisations: state.organisations,
      people: state.people.map(({ organisation, name, role, id, key }) => ({ organisation, name, role, id, key })),
      subscriptions: Object.entries(state.subscriptions).map(([platform, { id, handOver }]) => ({
        platform,
        id,
        hand_over: handOver,
      })),
      platform_kafka: state.kafkaCredentials,
      receivers: this.receivers,
    };
  }
}

function operatorsOf(file: StateFile, consoleUrl: string): TwoOperators {
  const [one, two] = file.state.people.filter(({ role }) => role === 'operator');
  if (!one || !two) throw new Error('The exchange has no two operators: start again with --reset.');
  return [new ApiClient(consoleUrl, one.key), new ApiClient(consoleUrl, two.key)];
}

/** Migrations, login roles and the first two operators, by the same program that a deployment runs. */
async function openExchange(dir: string, ownerUrl: string, file: StateFile): Promise<LoginUrls> {
  const operatorsFile = join(dir, 'operators.json');
  const rolesFile = join(dir, 'login-roles.json');
  const program = join(repositoryRoot(), 'dist/apps/console/src/open-exchange/main.js');
  const args = [
    '--operators-file',
    operatorsFile,
    '--organisation',
    'Exchange operators',
    '--login-roles-file',
    rolesFile,
  ];
  await promisify(execFile)(process.execPath, ['--no-warnings=ExperimentalWarning', program, ...args], {
    env: { PATH: process.env.PATH, TOCSIN_OWNER_DATABASE_URL: ownerUrl },
  });
  const opened = await readFile(operatorsFile, 'utf8').catch(() => undefined);
  if (opened && !file.state.people.some((person) => person.role === 'operator')) {
    const { operators } = JSON.parse(opened) as { operators: { person_id: string; name: string; key: string }[] };
    for (const { person_id: id, name, key } of operators) {
      file.state.people.push({ organisation: 'Exchange operators', role: 'operator', id, name, key });
    }
    await file.save();
  }
  const { roles } = JSON.parse(await readFile(rolesFile, 'utf8')) as {
    roles: Record<keyof LoginUrls, { url: string }>;
  };
  return withPort(Object.fromEntries(SERVICES.map((service) => [service, roles[service].url])) as LoginUrls, ownerUrl);
}

/** The server may listen elsewhere than when the roles were made. */
function withPort(urls: LoginUrls, ownerUrl: string): LoginUrls {
  const { host } = new URL(ownerUrl);
  const moved = Object.entries(urls).map(([service, address]) => {
    const url = new URL(address);
    url.host = host;
    return [service, url.href];
  });
  return Object.fromEntries(moved) as LoginUrls;
}
