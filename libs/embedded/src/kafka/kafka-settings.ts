/** One account of the broker. */
export interface KafkaAccount {
  name: string;
  password: string;
}

/** What decides the settings of the broker. */
export interface KafkaSettings {
  port: number;
  controllerPort: number;
  /** Account by which the broker talks to itself and the caller administers it; always a super user. */
  admin: KafkaAccount;
  /** Secret of the controller listener; a new one at every start. */
  controllerSecret: string;
  /** Further names that no ACL restrains. */
  superUsers: readonly string[];
  /** Folder of the log segments, relative to the working directory, so that no character of its path needs care. */
  logDir: string;
  /** Settings by their Kafka names that replace or add to the ones below. */
  overrides?: Readonly<Record<string, string | number | boolean>>;
}

/**
 * The text of `server.properties` for one node that is broker and controller. Clients log in with SCRAM-SHA-512 and may do
 * only what an ACL allows. The controller listener takes one account, known to this process alone. The voter is named
 * here and not in the metadata log, so both ports may change between two starts.
 * @see Apache Kafka 4.3 documentation, "Broker Configs", "Authorization and ACLs"
 */
export function renderKafkaSettings(settings: KafkaSettings): string {
  const { port, controllerPort, admin, controllerSecret, superUsers, logDir, overrides = {} } = settings;
  const controller = { name: 'controller', password: controllerSecret };
  const allMighty = [...new Set([controller.name, admin.name, ...superUsers])];
  const properties: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'log.dirs': logDir,

    listeners: `CLIENTS://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `CLIENTS://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'CLIENTS:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT',
    'inter.broker.listener.name': 'CLIENTS',
    'controller.listener.names': 'CONTROLLER',
    'sasl.mechanism.inter.broker.protocol': 'SCRAM-SHA-512',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.clients.sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'listener.name.clients.scram-sha-512.sasl.jaas.config': renderJaas('scram.ScramLoginModule', admin),
    'listener.name.controller.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.controller.plain.sasl.jaas.config': renderJaas('plain.PlainLoginModule', controller, [controller]),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    'super.users': allMighty.map((name) => `User:${name}`).join(';'),

    'auto.create.topics.enable': false,
    'num.partitions': 1,
    'default.replication.factor': 1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 8,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'share.coordinator.state.topic.num.partitions': 4,
    'group.initial.rebalance.delay.ms': 0,

    // After a crash the broker's former self has to time out before it may register again.
    'broker.session.timeout.ms': 6000,
    'broker.heartbeat.interval.ms': 1000,

    'num.network.threads': 2,
    'num.io.threads': 4,
    'log.segment.bytes': 128 * 1024 * 1024,
    'log.cleaner.threads': 1,
    'log.cleaner.dedupe.buffer.size': 32 * 1024 * 1024,
    ...overrides,
  };
  return `${Object.entries(properties)
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
    .join('\n')}\n`;
}

/**
 * A line of JAAS configuration (one login module): by which account this side logs in, and which accounts it accepts where the
 * mechanism keeps them there.
 */
function renderJaas(loginModule: string, login: KafkaAccount, accepted: readonly KafkaAccount[] = []): string {
  const words = [
    `org.apache.kafka.common.security.${loginModule} required`,
    `username=${quoteJaas(login.name)}`,
    `password=${quoteJaas(login.password)}`,
    ...accepted.map((account) => `user_${account.name}=${quoteJaas(account.password)}`),
  ];
  return `${words.join(' ')};`;
}

function quoteJaas(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Escapes the value of a Java property (java.util.Properties.load): backslashes, line ends, what is not Latin. */
function escapeProperty(value: string): string {
  return value
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The text of `log4j2.properties`: everything worth knowing into `kafka.log` of the working directory, bounded at 60 MB. */
export function renderKafkaLogging(): string {
  return [
    'status = error',
    'appender.file.type = RollingFile',
    'appender.file.name = file',
    'appender.file.fileName = kafka.log',
    'appender.file.filePattern = kafka.log.%i',
    'appender.file.layout.type = PatternLayout',
    'appender.file.layout.pattern = %d{yyyy-MM-dd HH:mm:ss,SSS} %p %m (%c{1})%n',
    'appender.file.policies.type = SizeBasedTriggeringPolicy',
    'appender.file.policies.size = 20MB',
    'appender.file.strategy.type = DefaultRolloverStrategy',
    'appender.file.strategy.max = 2',
    'rootLogger.level = info',
    'rootLogger.appenderRef.file.ref = file',
    // Each refused request is told to the client already; the broker would repeat it at every retry.
    'logger.authorizer.name = kafka.authorizer.logger',
    'logger.authorizer.level = warn',
    '',
  ].join('\n');
}

/**
 * The text of an argument file of the `java` launcher (JDK tools reference, "java Command-Line Argument Files"), which keeps
 * secrets out of the process list and takes paths with blanks.
 */
export function renderJavaArguments(args: readonly string[]): string {
  return `${args.map((arg) => `"${arg.replaceAll(/["\\]/g, '\\$&')}"`).join('\n')}\n`;
}

/** The main class and arguments that format a broker's folder. An id in one word with its option: it may begin with a hyphen. */
export function formatCommand(settingsFile: string, clusterId: string, scram: string): string[] {
  return [
    'kafka.tools.StorageTool',
    'format',
    '--config',
    settingsFile,
    `--cluster-id=${clusterId}`,
    '--add-scram',
    scram,
  ];
}
