import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { handOutKeys, KEYS_OF_SERVICES, type KeyedService } from '#libs/access';
import { repositoryRoot, startTethered, type TetheredProcess } from '#libs/embedded';
import type { ExchangeState, PortName, Ports } from './exchange-state.js';
import { kafkaUser } from './start-servers.js';

/** Services in the order in which they are started; each is its own process. */
export const SERVICES = ['console', 'intake', 'normaliser', 'relay', 'delivery', 'platform-api'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** Where the login roles of the services are, as written by the opening of the exchange. */
export type LoginUrls = Record<ServiceName, string>;

/** What every service of one local exchange is started with. */
export interface ServiceSurroundings {
  dir: string;
  /** All keys of the exchange; each service is started with a folder of those that it may have. */
  keysDir: string;
  ports: Ports;
  state: ExchangeState;
  loginUrls: LoginUrls;
  kafkaBootstrap: string;
  environment: 'demonstration' | 'test';
  /** Further variables, by service or for all under `all`. */
  more?: Partial<Record<ServiceName | 'all', Record<string, string>>>;
}

/** How services run under Node, here and in the image: bounded memory, and one known warning of a library left out. */
const SERVICE_FLAGS = [
  '--enable-source-maps',
  '--max-old-space-size=192',
  // Else the buffers of 64 MB of records cost a whole collection, which was once or twice a second.
  '--external-memory-accounted-in-global-limit',
  '--disable-warning=TimeoutNegativeWarning',
];

/** Room for young objects in MB: more costs memory and saves collections. The normaliser has it once for each thread. */
const YOUNG_SPACE: Record<ServiceName, number> = {
  console: 8,
  intake: 8,
  normaliser: 8,
  relay: 32,
  delivery: 32,
  'platform-api': 8,
};

const READY_WITHIN_MS = 60_000;

function local(port: number): string {
  return `http://127.0.0.1:${port}`;
}

function hasKeys(service: ServiceName): service is KeyedService & ServiceName {
  return Object.hasOwn(KEYS_OF_SERVICES, service);
}

function keysOf(service: KeyedService, { dir }: ServiceSurroundings): string {
  return join(dir, 'keys-of', service);
}

/** Where platforms that receive signed files have their folders. */
export function filesDir(dir: string): string {
  return join(dir, 'files');
}

/** The environment of one service: exactly what it needs, nothing of the parent's but the path. */
export function serviceEnvironment(service: ServiceName, surroundings: ServiceSurroundings): Record<string, string> {
  const { ports, state, loginUrls, kafkaBootstrap, environment, more } = surroundings;
  const own = service as PortName;
  const kafka = service === 'console' ? state.kafkaAdminPassword : (state.kafkaPasswords[service] ?? '');
  const usesKafka = service !== 'intake' && service !== 'platform-api';
  return {
    PATH: process.env.PATH ?? '',
    // One arena, as in the image: buffers that pass from thread to thread would leave room behind in each of many.
    MALLOC_ARENA_MAX: '1',
    TOCSIN_ENVIRONMENT: environment,
    TOCSIN_LOG_LEVEL: 'info',
    TOCSIN_DATABASE_URL: loginUrls[service],
    ...(hasKeys(service) ? { TOCSIN_KEYS_DIR: keysOf(service, surroundings) } : {}),
    ...(service === 'relay' ? {} : { TOCSIN_PORT: String(ports[own]) }),
    TOCSIN_OPS_PORT: String(ports[`${service}Ops` as PortName]),
    ...(usesKafka
      ? {
          TOCSIN_KAFKA_BROKERS: kafkaBootstrap,
          TOCSIN_KAFKA_USERNAME: kafkaUser(service),
          TOCSIN_KAFKA_PASSWORD: kafka,
        }
      : {}),
    TOCSIN_INTAKE_URL: local(ports.intake),
    TOCSIN_NORMALISER_URL: local(ports.normaliser),
    TOCSIN_DELIVERY_URL: local(ports.delivery),
    TOCSIN_PLATFORM_API_URL: local(ports['platform-api']),
    TOCSIN_CONSOLE_URL: local(ports.console),
    ...(service === 'platform-api' ? { TOCSIN_PUBLIC_URL: local(ports['platform-api']) } : {}),
    ...(service === 'intake' ? { TOCSIN_PUBLIC_URL: local(ports.intake) } : {}),
    ...(service === 'delivery' ? { TOCSIN_FILES_DIR: filesDir(surroundings.dir) } : {}),
    // Receivers of a demonstration are on this machine: the one exception, which no deployment needs.
    TOCSIN_EGRESS_EXCEPTIONS: '127.0.0.0/8:*',
    TOCSIN_EGRESS_ALLOW_HTTP: 'true',
    ...more?.all,
    ...more?.[service],
  };
}

/** Services as processes; each may be stopped, killed and started again by itself. */
export class LocalServices {
  private readonly processes = new Map<ServiceName, TetheredProcess>();
  private stopping = false;

  constructor(
    private readonly surroundings: ServiceSurroundings,
    private readonly onUnexpectedEnd: (service: ServiceName, logFile: string) => void,
  ) {}

  async start(service: ServiceName, more: Record<string, string> = {}): Promise<void> {
    const { dir, keysDir } = this.surroundings;
    if (hasKeys(service)) handOutKeys(keysDir, service, keysOf(service, this.surroundings));
    const logFile = join(dir, 'logs', `${service}.log`);
    const child = await startTethered({
      command: process.execPath,
      args: [
        ...SERVICE_FLAGS,
        `--max-semi-space-size=${YOUNG_SPACE[service]}`,
        join(repositoryRoot(), 'dist/apps', service, 'src/main.js'),
      ],
      environment: { ...serviceEnvironment(service, this.surroundings), ...more },
      logFile,
      graceMs: 28_000,
    });
    this.processes.set(service, child);
    void child.ended.then(() => {
      if (!this.stopping && this.processes.get(service) === child) this.onUnexpectedEnd(service, logFile);
    });
  }

  /** Starts all, then waits until each is ready. */
  async startAll(): Promise<void> {
    for (const service of SERVICES) await this.start(service);
    await Promise.all(SERVICES.map((service) => this.ready(service)));
  }

  /** @throws Error when the service ended or is not ready within a minute */
  async ready(service: ServiceName): Promise<void> {
    const port = this.surroundings.ports[`${service}Ops` as PortName];
    const until = Date.now() + READY_WITHIN_MS;
    while (Date.now() < until) {
      if (this.processes.get(service)?.end()) break;
      const ready = await fetch(`${local(port)}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
      if (ready) return;
      await sleep(50);
    }
    throw new Error(
      `${service} did not become ready: its log is ${join(this.surroundings.dir, 'logs', `${service}.log`)}.`,
    );
  }

  pid(service: ServiceName): number | undefined {
    return this.processes.get(service)?.pid;
  }

  /** Resolves when the process of a service has ended by itself. */
  async ended(service: ServiceName): Promise<void> {
    await this.processes.get(service)?.ended;
  }

  async kill(service: ServiceName): Promise<void> {
    const child = this.processes.get(service);
    this.processes.delete(service);
    await child?.kill();
  }

  async stop(service: ServiceName): Promise<void> {
    const child = this.processes.get(service);
    this.processes.delete(service);
    await child?.stop();
  }

  /** Stops all side by side: each drains what it has under way. */
  async stopAll(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.processes.values()].map((child) => child.stop()));
    this.processes.clear();
  }
}
