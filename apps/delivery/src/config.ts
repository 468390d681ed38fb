import { IsArray, IsBoolean, IsInt, IsNotEmpty, IsNumber, IsString, Max, Min } from 'class-validator';
import { FromEnv, KafkaServiceConfig, KeysDir } from '#libs/runtime';

/** Configuration of delivery. Its Kafka user reads channel topics and writes platform topics. */
export class DeliveryConfig extends KafkaServiceConfig {
  @FromEnv('TOCSIN_PORT')
  @IsInt()
  @Min(0)
  @Max(65535)
  override port: number = 7004;

  @FromEnv('TOCSIN_OPS_PORT')
  @IsInt()
  @Min(0)
  @Max(65535)
  override opsPort: number = 7104;

  /** Folder with the keys that this service is given. */
  @KeysDir()
  keysDir: string;

  /** Consumer groups of the readers: this name, followed by `-ordinary` and `-emergency`. */
  @FromEnv('TOCSIN_DELIVERY_GROUP')
  @IsNotEmpty()
  group: string = 'tocsin-delivery';

  /** Connections kept for emergency channels, beside those of TOCSIN_DATABASE_CONNECTIONS. */
  @FromEnv('TOCSIN_DELIVERY_EMERGENCY_CONNECTIONS')
  @IsInt()
  @Min(2)
  @Max(100)
  emergencyConnections: number = 4;

  /** Deliveries of ordinary channels under way at a time, slow ones not counted; half are for endpoints that answer promptly. */
  @FromEnv('TOCSIN_DELIVERY_SLOTS')
  @IsInt()
  @Min(2)
  @Max(1000)
  slots: number = 48;

  /** Deliveries of emergency channels under way at a time, beside the others. */
  @FromEnv('TOCSIN_DELIVERY_EMERGENCY_SLOTS')
  @IsInt()
  @Min(2)
  @Max(1000)
  emergencySlots: number = 64;

  /** An endpoint that fails for so many hours is paused until a person resumes it. */
  @FromEnv('TOCSIN_ENDPOINT_PAUSE_AFTER_HOURS')
  @IsNumber()
  @Min(0)
  pauseAfterHours: number = 72;

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
