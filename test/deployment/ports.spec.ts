import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { describeConfig } from '#libs/runtime';
import { ConsoleConfig } from '../../apps/console/src/config.js';
import { DeliveryConfig } from '../../apps/delivery/src/config.js';
import { IntakeConfig } from '../../apps/intake/src/config.js';
import { NormaliserConfig } from '../../apps/normaliser/src/config.js';
import { PlatformApiConfig } from '../../apps/platform-api/src/config.js';
import { RelayConfig } from '../../apps/relay/src/config.js';

const ROOT = join(import.meta.dirname, '../..');
const CONFIGS = {
  intake: IntakeConfig,
  normaliser: NormaliserConfig,
  relay: RelayConfig,
  delivery: DeliveryConfig,
  console: ConsoleConfig,
  'platform-api': PlatformApiConfig,
} as const;
type App = keyof typeof CONFIGS;
const APPS = Object.keys(CONFIGS) as App[];
/** The relay is asked nothing. */
const ASKED = APPS.filter((app) => app !== 'relay');
/** Those that agencies, platforms and operators ask. */
const OPEN: readonly App[] = ['intake', 'console', 'platform-api'];

interface Peer {
  podSelector?: { matchLabels: Record<string, string> };
  ipBlock?: object;
  namespaceSelector?: object;
}
interface Rule {
  from?: Peer[];
  to?: Peer[];
  ports?: { port: number; endPort?: number }[];
}
interface Manifest {
  kind: string;
  metadata: { name: string };
  spec: {
    template: { spec: { containers: { env: Variable[]; ports: { name: string; containerPort: number }[] }[] } };
    ports: { port: number; targetPort: string }[];
    selector: Record<string, string>;
    podSelector: { matchLabels?: Record<string, string> };
    ingress?: Rule[];
    egress?: Rule[];
  };
}
interface Variable {
  name: string;
  value?: string;
}

const LABEL = 'app.kubernetes.io/name';

function defaultOf(app: App, name: string): string {
  const variable = describeConfig(CONFIGS[app]).find((one) => one.name === name);
  if (!variable) throw new Error(`${app} has no ${name}`);
  return String(variable.default);
}

const portOf = (app: App): number => Number(defaultOf(app, 'TOCSIN_PORT'));

function isApp(name: string): name is App {
  return Object.hasOwn(CONFIGS, name);
}

/** Addresses of other services in an environment: whom a service asks, and at which port. */
function asks(environment: Record<string, string | undefined>): [app: string, port: number][] {
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!/^TOCSIN_[A-Z_]+_URL$/.test(name) || name === 'TOCSIN_DATABASE_URL' || !value?.startsWith('http')) return [];
    const { hostname, port } = new URL(value);
    expect(name).toBe(`TOCSIN_${hostname.toUpperCase().replaceAll('-', '_')}_URL`);
    return [[hostname, Number(port)]];
  });
}

describe('the ports of the manifests', () => {
  const kustomization = parse(readFileSync(join(ROOT, 'k8s/exchange/kustomization.yaml'), 'utf8')) as {
    resources: string[];
    configMapGenerator: { name: string; literals: string[] }[];
  };
  const manifests = kustomization.resources.flatMap((file) =>
    parseAllDocuments(readFileSync(join(ROOT, 'k8s/exchange', file), 'utf8')).map((read) => read.toJS() as Manifest),
  );
  const named = (kind: string, name: string): Manifest => {
    const found = manifests.find((one) => one.kind === kind && one.metadata.name === name);
    if (!found) throw new Error(`there is no ${kind} ${name}`);
    return found;
  };
  const container = (app: App) => {
    const [first] = named('Deployment', app).spec.template.spec.containers;
    if (!first) throw new Error(`${app} has no container`);
    return first;
  };
  const environment = (app: App): Record<string, string | undefined> =>
    Object.fromEntries(container(app).env.map(({ name, value }) => [name, value]));
  const policies = manifests.filter(({ kind }) => kind === 'NetworkPolicy');
  const policyOf = (app: App): Manifest => {
    const [policy, ...more] = policies.filter(({ spec }) => spec.podSelector.matchLabels?.[LABEL] === app);
    if (!policy || more.length > 0) throw new Error(`${app} has not one policy`);
    return policy;
  };
  const peersOf = (rule: Rule): string[] =>
    [...(rule.from ?? []), ...(rule.to ?? [])].flatMap(({ podSelector }) => podSelector?.matchLabels[LABEL] ?? []);

  test.each(APPS)('%s is told to listen where its container and its service say', (app) => {
    const ports = Object.fromEntries(container(app).ports.map(({ name, containerPort }) => [name, containerPort]));
    const given = environment(app);
    expect(ports.ops).toBe(Number(given.TOCSIN_OPS_PORT ?? defaultOf(app, 'TOCSIN_OPS_PORT')));
    if (app === 'relay') return expect(Object.keys(ports)).toEqual(['ops']);
    expect(ports.http).toBe(Number(given.TOCSIN_PORT ?? portOf(app)));
    const { selector, ports: offered } = named('Service', app).spec;
    expect(selector).toEqual({ [LABEL]: app });
    expect(offered).toEqual([expect.objectContaining({ port: ports.http, targetPort: 'http' })]);
  });

  test.each(APPS)('%s asks others where they listen, and both policies let it', (app) => {
    const asked = asks(environment(app));
    for (const [other, port] of asked) {
      if (!isApp(other)) throw new Error(`${app} asks ${other}, which is no service`);
      expect([other, port]).toEqual([other, named('Service', other).spec.ports[0]?.port]);
      const ways = policyOf(app).spec.egress?.filter((rule) => peersOf(rule).includes(other)) ?? [];
      expect(ways.flatMap(({ ports = [] }) => ports.map((one) => one.port))).toContain(port);
      const doors = policyOf(other).spec.ingress?.filter(({ from }) => !from || peersOf({ from }).includes(app)) ?? [];
      expect(doors.flatMap(({ ports = [] }) => ports.map((one) => one.port))).toContain(port);
    }
    // Nothing is open that nobody needs.
    if (app === 'relay') return;
    const open = (policyOf(app).spec.egress ?? []).flatMap(peersOf);
    expect(open.sort()).toEqual(asked.map(([other]) => other).sort());
  });

  test.each(ASKED)('the policy of %s opens its own port and no other', (app) => {
    const ports = (policyOf(app).spec.ingress ?? []).flatMap(({ ports = [] }) => ports.map((one) => one.port));
    expect(new Set(ports)).toEqual(new Set([portOf(app)]));
    for (const rule of policyOf(app).spec.egress ?? []) {
      expect(rule.ports?.length).toBeGreaterThan(0);
      if (rule.to?.some(({ ipBlock }) => ipBlock))
        expect(rule.ports?.map(({ port }) => String(port))).toEqual(defaultOf(app, 'TOCSIN_EGRESS_PORTS').split(','));
    }
  });

  test('monitoring reaches every port of health and no other', () => {
    const [range] = named('NetworkPolicy', 'scrape-and-probe').spec.ingress?.[0]?.ports ?? [];
    const ops = APPS.map((app) => Number(defaultOf(app, 'TOCSIN_OPS_PORT'))).sort();
    expect([range?.port, range?.endPort]).toEqual([ops[0], ops.at(-1)]);
    expect(ASKED.some((app) => portOf(app) >= (range?.port ?? 0))).toBe(false);
  });

  test('every pod reaches the broker that the configuration names', () => {
    const brokers = kustomization.configMapGenerator
      .flatMap(({ literals }) => literals)
      .find((literal) => literal.startsWith('kafka-brokers='));
    const ports = (named('NetworkPolicy', 'resolve-names-and-reach-stores').spec.egress ?? []).flatMap(
      ({ ports = [] }) => ports.map((one) => one.port),
    );
    expect(ports).toContain(Number(/:(\d+)$/.exec(brokers ?? '')?.[1]));
    expect(ports).toContain(5432);
  });
});

describe('the ports of the compose file', () => {
  const { services } = parse(readFileSync(join(ROOT, 'docker/compose.yaml'), 'utf8'), { merge: true }) as {
    services: Record<
      string,
      { environment?: Record<string, string>; ports?: string[]; healthcheck?: { test: string[] } }
    >;
  };

  test.each(APPS)('%s is published at its own port on this machine alone, or not at all', (app) => {
    const { environment = {}, ports = [] } = services[app] ?? {};
    const port = Number(environment.TOCSIN_PORT ?? portOf(app));
    expect(ports).toEqual(OPEN.includes(app) ? [`127.0.0.1:${port}:${port}`] : []);
  });

  test.each(APPS)('%s asks others where they listen', (app) => {
    for (const [other, port] of asks(services[app]?.environment ?? {})) {
      if (!isApp(other)) throw new Error(`${app} asks ${other}, which is no service`);
      expect(services).toHaveProperty(other);
      expect([other, port]).toEqual([other, Number(services[other]?.environment?.TOCSIN_PORT ?? portOf(other))]);
    }
  });

  test('Kafka is where the services look for it', () => {
    const brokers = services.relay?.environment?.TOCSIN_KAFKA_BROKERS ?? '';
    const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(brokers) ?? [];
    expect(services[host]?.healthcheck?.test.join(' ')).toContain(`localhost ${port}`);
    expect(readFileSync(join(ROOT, 'docker/kafka/start-kafka.sh'), 'utf8')).toContain(`:${port}`);
  });
});
