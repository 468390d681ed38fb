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

  /** Folder with the keys that this service is given. */
  @KeysDir()
  keysDir: string;

  @FromEnv('TOCSIN_INTAKE_URL')
  @IsUrl(PEER)
  intakeUrl: string;

  @FromEnv('TOCSIN_NORMALISER_URL')
  @IsUrl(PEER)
  normaliserUrl: string;

  @FromEnv('TOCSIN_DELIVERY_URL')
  @IsUrl(PEER)
  deliveryUrl: string;

  /** Openings for receivers that are not on a public address: `network:port` or `host:port`, `*` for any port. */
  @FromEnv('TOCSIN_EGRESS_EXCEPTIONS')
  @IsArray()
  egressExceptions: string[] = [];

  /** Allows plain http, to exceptions only. */
  @FromEnv('TOCSIN_EGRESS_ALLOW_HTTP')
  @IsBoolean()
  egressAllowHttp: boolean = false;

  /** Ports that are open on public addresses. */
  @FromEnv('TOCSIN_EGRESS_PORTS')
  @IsArray()
  egressPorts: string[] = ['443'];

  /** A file of certificates (PEM) trusted beside the public authorities; empty for none. */
  @FromEnv('TOCSIN_EGRESS_CA_FILE')
  @IsString()
  egressCaFile: string = '';
}
