import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { KEYS_OF_SERVICES } from '#libs/access';
import { describeConfig, type ConfigVariable } from '#libs/runtime';
import { ConsoleConfig } from '../../apps/console/src/config.js';
import { OpenExchangeConfig } from '../../apps/console/src/open-exchange/config.js';
import { DeliveryConfig } from '../../apps/delivery/src/config.js';
import { IntakeConfig } from '../../apps/intake/src/config.js';
import { NormaliserConfig } from '../../apps/normaliser/src/config.js';
import { PlatformApiConfig } from '../../apps/platform-api/src/config.js';
import { RelayConfig } from '../../apps/relay/src/config.js';

const ROOT = join(import.meta.dirname, '../..');
const CONFIGS: Record<string, new () => object> = {
  intake: IntakeConfig,
  normaliser: NormaliserConfig,
  relay: RelayConfig,
  delivery: DeliveryConfig,
  console: ConsoleConfig,
  'platform-api': PlatformApiConfig,
};
/** Read by the image itself, to choose the program. */
const OF_THE_IMAGE = ['APP', 'ENTRY'];

interface Container {
  name: string;
  env?: { name: string; value?: string }[];
  ports?: { name: string; containerPort: number }[];
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  securityContext?: Record<string, unknown>;
}
interface Manifest {
  kind: string;
  metadata: { name: string };
  spec: {
    template: {
      spec: {
        containers: Container[];
        initContainers?: Container[];
        securityContext: Record<string, unknown>;
        volumes?: { name: string; secret?: { secretName: string } }[];
      };
    };
    ports?: { port: number }[];
  };
}

function variables(app: string): Map<string, ConfigVariable> {
  const Config = CONFIGS[app];
  if (!Config) throw new Error(`no configuration is known for ${app}`);
  return new Map(describeConfig(Config).map((variable) => [variable.name, variable]));
}

/** Says what is wrong with the environment of a service: variables that do not exist, and required ones that are missing. */
function problemsOf(known: Map<string, ConfigVariable>, given: readonly string[]): string[] {
  const strange = given
    .filter((name) => !known.has(name) && !OF_THE_IMAGE.includes(name))
    .map((name) => `${name} does not exist`);
  const missing = [...known.values()]
    .filter(({ required, name }) => required && !given.includes(name))
    .map(({ name }) => `${name} is missing`);
  return [...strange, ...missing];
}

function podOf(deployments: readonly Manifest[], app: string): Manifest['spec']['template']['spec'] {
  const deployment = deployments.find(({ metadata }) => metadata.name === app);
  if (!deployment) throw new Error(`there is no deployment of ${app}`);
  return deployment.spec.template.spec;
}

function defaultPort(app: string, name: string): number {
  return Number(variables(app).get(name)?.default);
}

function onPath(command: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`]);
    return true;
  } catch {
    return false;
  }
}

describe('the manifests of a cluster', () => {
  const files = parse(readFileSync(join(ROOT, 'k8s/exchange/kustomization.yaml'), 'utf8')) as { resources: string[] };
  const manifests = files.resources.flatMap((file) =>
    parseAllDocuments(readFileSync(join(ROOT, 'k8s/exchange', file), 'utf8')).map(
      (document) => document.toJS() as Manifest,
    ),
  );
  const deployments = manifests.filter(({ kind }) => kind === 'Deployment');

  test('there is one deployment for each service', () => {
    expect(deployments.map(({ metadata }) => metadata.name).sort()).toEqual(Object.keys(CONFIGS).sort());
  });

  test.each(deployments.map((deployment) => [deployment.metadata.name, deployment] as const))(
    '%s names variables and ports that exist',
    (app, { spec }) => {
      const [container] = spec.template.spec.containers;
      expect(problemsOf(variables(app), container?.env?.map(({ name }) => name) ?? [])).toEqual([]);
      const ports = Object.fromEntries(container?.ports?.map(({ name, containerPort }) => [name, containerPort]) ?? []);
      expect(ports.ops).toBe(defaultPort(app, 'TOCSIN_OPS_PORT'));
      if (app !== 'relay') expect(ports.http).toBe(defaultPort(app, 'TOCSIN_PORT'));
    },
  );

  test.each(Object.keys(CONFIGS))('%s is given its own keys and no others', (app) => {
    const { containers, volumes = [] } = podOf(deployments, app);
    const secrets = volumes.flatMap(({ name, secret }) => (secret ? [[name, secret.secretName]] : []));
    const keyed = Object.hasOwn(KEYS_OF_SERVICES, app);
    expect(secrets).toEqual(keyed ? [['keys', `tocsin-keys-${app}`]] : []);
    const mounts = containers[0]?.volumeMounts?.filter(({ name }) => name === 'keys');
    expect(mounts).toEqual(keyed ? [{ name: 'keys', mountPath: '/keys', readOnly: true }] : []);
    expect(variables(app).has('TOCSIN_KEYS_DIR')).toBe(keyed);
  });

  test.each(
    manifests
      .filter(({ kind }) => kind === 'Deployment' || kind === 'Job')
      .map((manifest) => [manifest.metadata.name, manifest] as const),
  )('%s runs without privileges on a read-only root', (_name, { spec }) => {
    const { containers, initContainers = [], securityContext } = spec.template.spec;
    expect(securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    for (const container of [...containers, ...initContainers]) {
      expect(container.securityContext).toMatchObject({
        readOnlyRootFilesystem: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
    }
  });

  test('the job that opens the exchange names variables that exist', () => {
    const job = manifests.find(({ kind }) => kind === 'Job');
    const known = new Map(describeConfig(OpenExchangeConfig).map((variable) => [variable.name, variable]));
    expect(problemsOf(known, job?.spec.template.spec.initContainers?.[0]?.env?.map(({ name }) => name) ?? [])).toEqual(
      [],
    );
  });

  (onPath('kubectl') ? test : test.skip)('kustomize renders them', () => {
    const rendered = execFileSync('kubectl', ['kustomize', join(ROOT, 'k8s/exchange')], { encoding: 'utf8' });
    expect(parseAllDocuments(rendered).length).toBeGreaterThan(15);
  });

  (onPath('kubectl') && onPath('kubernetes-validate') ? test : test.skip)(
    'they fit the schemas of Kubernetes (needs kubernetes-validate)',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'tocsin-manifests-'));
      const file = join(folder, 'rendered.yaml');
      writeFileSync(file, execFileSync('kubectl', ['kustomize', join(ROOT, 'k8s/exchange')]));
      execFileSync('kubernetes-validate', ['--strict', file], { stdio: 'pipe' });
      rmSync(folder, { recursive: true });
    },
  );
});

describe('the compose file', () => {
  const compose = parse(readFileSync(join(ROOT, 'docker/compose.yaml'), 'utf8'), { merge: true }) as {
    services: Record<
      string,
      { environment?: Record<string, string>; read_only?: boolean; ports?: string[]; volumes?: string[] }
    >;
    volumes: Record<string, object>;
  };

  test.each(Object.keys(CONFIGS))('%s names variables that exist and all that are required', (app) => {
    const given = Object.keys(compose.services[app]?.environment ?? {});
    const known = variables(app);
    // Addresses and Kafka's brokers are common to all services; one that does not use them ignores them.
    const common = [
      'TOCSIN_INTAKE_URL',
      'TOCSIN_NORMALISER_URL',
      'TOCSIN_DELIVERY_URL',
      'TOCSIN_PLATFORM_API_URL',
      'TOCSIN_KAFKA_BROKERS',
    ];
    expect(
      problemsOf(
        known,
        given.filter((name) => !common.includes(name) || known.has(name)),
      ),
    ).toEqual([]);
    expect(compose.services[app]?.read_only).toBe(true);
  });

  test('fits the schema of its specification', () => {
    const shipped = join(
      dirname(fileURLToPath(import.meta.resolve('dclint/package.json'))),
      'schemas/compose.schema.json',
    );
    const schema = JSON.parse(readFileSync(shipped, 'utf8')) as object;
    // It names its dialect by an address that is not quite the id of that dialect.
    const fits = new Ajv({ strict: false, allErrors: true }).compile({
      ...schema,
      $schema: 'http://json-schema.org/draft-07/schema#',
    });
    fits(compose);
    expect(fits.errors).toBeNull();
    expect(fits({ ...compose, services: { relay: { ...compose.services.relay, prots: ['1:1'] } } })).toBe(false);
  });

  test.each(Object.keys(CONFIGS))('%s is given its own keys and no others', (app) => {
    const keyed = Object.hasOwn(KEYS_OF_SERVICES, app);
    const mounted = (compose.services[app]?.volumes ?? []).filter((volume) => /keys/.test(volume));
    expect(mounted).toEqual(keyed ? [`keys-${app}:/keys:ro`] : []);
    if (!keyed) return;
    expect(compose.volumes).toHaveProperty(`keys-${app}`);
    expect(compose.services['make-keys']?.volumes).toContain(`keys-${app}:/keys/${app}`);
  });

  test('the program that makes the keys hands them out to every service that has some', () => {
    const { entrypoint } = compose.services['make-keys'] as { entrypoint?: string[] };
    const apps = / for app in ([a-z -]+);/.exec(entrypoint?.join(' ') ?? '')?.[1]?.split(' ');
    expect(apps?.sort()).toEqual(Object.keys(KEYS_OF_SERVICES).sort());
  });

  test('no password has a default', () => {
    const text = readFileSync(join(ROOT, 'docker/compose.yaml'), 'utf8');
    expect(text.match(/\$\{[A-Z_]+\}|\$\{[A-Z_]+:-/g)).toBeNull();
    const examples = readFileSync(join(ROOT, 'docker/env.example'), 'utf8')
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line));
    expect(examples.every((line) => line.endsWith('='))).toBe(true);
  });

  test('the Dockerfile copies what exists', () => {
    const copied = [
      ...readFileSync(join(ROOT, 'docker/Dockerfile'), 'utf8').matchAll(/^COPY (?!--from)(.+) \S+$/gm),
    ].flatMap(([, sources]) => (sources ?? '').split(' '));
    expect(copied.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
  });
});
