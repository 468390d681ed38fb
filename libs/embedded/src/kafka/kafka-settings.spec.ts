import { formatCommand, renderJavaArguments, renderKafkaSettings, type KafkaSettings } from './kafka-settings.js';

const settings: KafkaSettings = {
  port: 29092,
  controllerPort: 29093,
  admin: { name: 'admin', password: 'plain' },
  controllerSecret: 'secret',
  superUsers: ['relay', 'admin'],
  logDir: 'segments',
};

function lines(changes: Partial<KafkaSettings> = {}): string[] {
  return renderKafkaSettings({ ...settings, ...changes }).split('\n');
}

describe('the settings of Kafka', () => {
  it('let nobody in without SCRAM and nobody do anything without an ACL', () => {
    expect(lines()).toEqual(
      expect.arrayContaining([
        'listeners=CLIENTS://127.0.0.1:29092,CONTROLLER://127.0.0.1:29093',
        'listener.name.clients.sasl.enabled.mechanisms=SCRAM-SHA-512',
        'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'allow.everyone.if.no.acl.found=false',
        'auto.create.topics.enable=false',
      ]),
    );
    expect(lines().join('\n')).not.toContain('PLAINTEXT://');
  });

  it('name each super user once, the admin always among them', () => {
    expect(lines()).toContain('super.users=User:controller;User:admin;User:relay');
    expect(lines({ superUsers: [] })).toContain('super.users=User:controller;User:admin');
  });

  it('keep one copy of everything, as one node can', () => {
    const factors = lines().filter((line) => /replication\.factor|min\.isr/.test(line));
    expect(factors).toHaveLength(6);
    expect(factors.every((line) => line.endsWith('=1'))).toBe(true);
  });

  it('carry a password with quotes, backslashes and letters of any script', () => {
    const line = lines({ admin: { name: 'admin', password: 'a"b\\c é' } }).find((one) =>
      one.includes('scram-sha-512.sasl'),
    );
    // Java reads the property first (\\\\ becomes \\, \u00e9 becomes é), then JAAS reads the quoted word.
    expect(line).toContain('password="a\\\\"b\\\\\\\\c \\u00e9";');
  });

  it('let a caller replace one', () => {
    const replaced = lines({ overrides: { 'num.partitions': 6 } });
    expect(replaced.filter((line) => line.startsWith('num.partitions='))).toEqual(['num.partitions=6']);
  });
});

describe('an argument file of java', () => {
  it('quotes every argument', () => {
    expect(renderJavaArguments(['-cp', '/a b/"c"/*', 'C:\\jars'])).toBe('"-cp"\n"/a b/\\"c\\"/*"\n"C:\\\\jars"\n');
  });
});

describe('the command that formats the folder of Kafka', () => {
  it('takes no cluster id for an option, with whatever it begins', () => {
    const words = formatCommand('file', '-AAAAAAAAAAAAAAAAAAAAA', 'SCRAM-SHA-512=[name=a]');
    expect(words.filter((word) => word.startsWith('-'))).toEqual([
      '--config',
      '--cluster-id=-AAAAAAAAAAAAAAAAAAAAA',
      '--add-scram',
    ]);
  });
});
