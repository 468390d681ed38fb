import { IsArray, IsBoolean, IsInt, IsString, IsUrl, Max, Min } from 'class-validator';
import { FromEnv, KafkaServiceConfig, KeysDir } from '#libs/runtime';

const PEER = { require_tld: false, protocols: ['http', 'https'], require_protocol: true };

/** Configuration of the console. Its Kafka user administers topics, users and grants. */
export class ConsoleConfig extends KafkaServiceConfig {
  @FromEnv('TOCSIN_PORT')
  @IsInt()
  @Min(0)
  @Max(65535)
  override port: number = 7005;

  @FromEnv('TOCSIN_OPS_PORT')
  @IsInt()
  @Min(0)
  @Max(65535)
  override opsPort: number = 7105;

  @FromEnv('TOCSIN_KAFKA_REPLICATION', 'Replicas of every topic that is made; 3 where there are three brokers or more.')
  @IsInt()
  @Min(1)
  @Max(9)
  kafkaReplication: number = 1;

  @KeysDir()
  keysDir: string;

  @FromEnv('TOCSIN_INTAKE_URL', 'Address of intake.')
  @IsUrl(PEER)
  intakeUrl: string;

  @FromEnv('TOCSIN_NORMALISER_URL', 'Address of the normaliser.')
  @IsUrl(PEER)
  normaliserUrl: string;

  @FromEnv('TOCSIN_DELIVERY_URL', 'Address of delivery.')
  @IsUrl(PEER)
  deliveryUrl: string;

  @FromEnv('TOCSIN_PLATFORM_API_URL', 'Address of platform-api.')
  @IsUrl(PEER)
  platformApiUrl: string;

  @FromEnv(
    'TOCSIN_EGRESS_EXCEPTIONS',
    'Openings for receivers that are not on a public address: `network:port` or `host:port`, `*` for any port.',
  )
  @IsArray()
  egressExceptions: string[] = [];

  @FromEnv('TOCSIN_EGRESS_ALLOW_HTTP', 'Allows plain http, to exceptions only.')
  @IsBoolean()
  egressAllowHttp: boolean = false;

  @FromEnv('TOCSIN_EGRESS_PORTS', 'Ports that are open on public addresses.')
  @IsArray()
  egressPorts: string[] = ['443'];

  @FromEnv(
    'TOCSIN_NAME_SERVERS',
    'Name servers that are asked for proofs of services, `address` or `address:port`; none for those of the system.',
  )
  @IsArray()
  nameServers: string[] = [];

  @FromEnv(
    'TOCSIN_EGRESS_CA_FILE',
    'A file of certificates (PEM) trusted beside the public authorities; empty for none.',
  )
  @IsString()
  egressCaFile: string = '';
}
