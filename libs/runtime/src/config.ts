import 'reflect-metadata';
import { IsArray, IsBoolean, IsIn, IsInt, IsNotEmpty, IsString, Max, Min, validateSync } from 'class-validator';
import { Secret } from './secret.js';

const VARIABLES = Symbol('variables');

/** One variable of a configuration class. */
export interface ConfigVariable {
  name: string;
  /** One sentence for the manual. */
  meaning: string;
  property: string;
  kind: 'text' | 'number' | 'boolean' | 'secret' | 'list';
  required: boolean;
  /** As text; undefined when required. */
  default?: string;
}

/** What is wrong with a configuration: names and reasons, never values. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`the configuration is not valid:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

type Variables = Map<string, { name: string; meaning: string }>;

function variablesOf(prototype: object): Variables {
  const own: unknown = Reflect.getMetadata(VARIABLES, prototype);
  return own instanceof Map ? (own as Variables) : new Map();
}

/**
 * Says which environment variable fills a property. Its kind comes from the property's declared type.
 * @param meaning one sentence for the manual; where a class gives another default to a property, that of its parent
 */
export function FromEnv(name: string, meaning?: string): PropertyDecorator {
  return (prototype, property) => {
    const variables = variablesOf(prototype);
    const told = meaning ?? variables.get(String(property))?.meaning ?? '';
    Reflect.defineMetadata(VARIABLES, new Map([...variables, [String(property), { name, meaning: told }]]), prototype);
  };
}

/** Marks the property that names the folder of the key files which a service is given. */
export function KeysDir(): PropertyDecorator {
  return (prototype, property) => {
    FromEnv('TOCSIN_KEYS_DIR', 'Folder with the keys that this service is given.')(prototype, property);
    IsString()(prototype, property);
  };
}

/** By the declared type; where the compiler told none, by the default. */
function kindOf(prototype: object, property: string, fallback: unknown): ConfigVariable['kind'] {
  if (typeof fallback === 'number' || typeof fallback === 'boolean') return typeof fallback as 'number' | 'boolean';
  if (Array.isArray(fallback)) return 'list';
  const type: unknown = Reflect.getMetadata('design:type', prototype, property);
  if (type === Number) return 'number';
  if (type === Boolean) return 'boolean';
  if (type === Secret) return 'secret';
  return type === Array ? 'list' : 'text';
}

function read(kind: ConfigVariable['kind'], text: string): unknown {
  if (kind === 'number') return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (kind === 'secret') return new Secret(text);
  if (kind === 'list')
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return text;
}

/** A default as it would be written in the environment. */
function defaultText(fallback: unknown): string {
  return Array.isArray(fallback) ? fallback.join(',') : `${fallback as string | number | boolean}`;
}

/** The variables of a configuration class, in order of declaration; for the manual and for checks of deployments. */
export function describeConfig(Config: new () => object): ConfigVariable[] {
  const config = new Config();
  return [...variablesOf(Config.prototype as object)].map(([property, { name, meaning }]) => {
    const fallback: unknown = Reflect.get(config, property);
    return {
      name,
      meaning,
      property,
      kind: kindOf(Config.prototype as object, property, fallback),
      required: fallback === undefined,
      ...(fallback === undefined ? {} : { default: defaultText(fallback) }),
    };
  });
}

/**
 * Reads and checks a configuration from the environment.
 * @throws ConfigError naming each variable that is missing or wrong, never a value
 */
export function loadConfig<Config extends object>(
  Class: new () => Config,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const config = new Class();
  const variables = describeConfig(Class);
  const problems: string[] = [];
  for (const { name, property, kind, required } of variables) {
    const text = env[name];
    if (text !== undefined && text !== '') Reflect.set(config, property, read(kind, text));
    else if (required) problems.push(`${name} is missing`);
  }
  for (const error of validateSync(config, { skipMissingProperties: true })) {
    const name = variables.find(({ property }) => property === error.property)?.name ?? error.property;
    const reasons = Object.values(error.constraints ?? { wrong: 'is not valid' }).map((reason) =>
      reason.replace(error.property, 'it'),
    );
    problems.push(`${name}: ${reasons.join('; ')}`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** What every service is configured with. */
export class ServiceConfig {
  @FromEnv(
    'TOCSIN_ENVIRONMENT',
    'What the exchange is for; only in a `test` can a process be told to end at a named point.',
  )
  @IsIn(['production', 'demonstration', 'test'])
  environment: string = 'production';

  @FromEnv('TOCSIN_LOG_LEVEL', 'Least severe lines that are logged.')
  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace'])
  logLevel: string = 'info';

  @FromEnv('TOCSIN_HOST', 'Address to listen on.')
  @IsString()
  host: string = '127.0.0.1';

  @FromEnv('TOCSIN_PORT', 'Port of the service’s own interface; services without one ignore it.')
  @IsInt()
  @Min(0)
  @Max(65535)
  port: number = 0;

  @FromEnv('TOCSIN_OPS_PORT', 'Port of /livez, /readyz and /metrics.')
  @IsInt()
  @Min(0)
  @Max(65535)
  opsPort: number = 0;

  @FromEnv('TOCSIN_DATABASE_URL', 'postgres:// address with user and password.')
  @IsNotEmpty()
  databaseUrl: Secret;

  @FromEnv('TOCSIN_DATABASE_CONNECTIONS', 'Most connections of this process.')
  @IsInt()
  @Min(2)
  @Max(200)
  databaseConnections: number = 10;
}

/** What services that speak to Kafka are configured with beside. */
export class KafkaServiceConfig extends ServiceConfig {
  @FromEnv('TOCSIN_KAFKA_BROKERS', '`host:port` of one or more brokers to begin with.')
  @IsArray()
  kafkaBrokers: string[];

  @FromEnv('TOCSIN_KAFKA_USERNAME', 'This service’s own user, SCRAM-SHA-512.')
  @IsString()
  kafkaUsername: string;

  @FromEnv('TOCSIN_KAFKA_PASSWORD', 'Its password.')
  kafkaPassword: Secret;

  @FromEnv(
    'TOCSIN_KAFKA_TLS',
    'Speak TLS to the brokers, whose certificates Node has to trust (`NODE_EXTRA_CA_CERTS`).',
  )
  @IsBoolean()
  kafkaTls: boolean = false;
}
