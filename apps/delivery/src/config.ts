import { IsArray, IsBoolean, IsInt, IsNotEmpty, IsNumber, IsString, Max, Min } from 'class-validator';
import { FromEnv, KafkaServiceConfig, KeysDir, Secret } from '#libs/runtime';

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

  @KeysDir()
  keysDir: string;

  @FromEnv(
    'TOCSIN_DELIVERY_GROUP',
    'Consumer groups of the readers: this name, followed by `-ordinary` and `-emergency`.',
  )
  @IsNotEmpty()
  group: string = 'tocsin-delivery';

  @FromEnv(
    'TOCSIN_DELIVERY_EMERGENCY_CONNECTIONS',
    'Connections kept for emergency channels, beside those of TOCSIN_DATABASE_CONNECTIONS.',
  )
  @IsInt()
  @Min(2)
  @Max(100)
  emergencyConnections: number = 4;

  @FromEnv(
    'TOCSIN_DELIVERY_SLOTS',
    'Deliveries of ordinary channels under way at a time, slow ones not counted; half are for endpoints that answer promptly.',
  )
  @IsInt()
  @Min(2)
  @Max(1000)
  slots: number = 48;

  @FromEnv(
    'TOCSIN_DELIVERY_EMERGENCY_SLOTS',
    'Deliveries of emergency channels under way at a time, beside the others.',
  )
  @IsInt()
  @Min(2)
  @Max(1000)
  emergencySlots: number = 64;

  @FromEnv(
    'TOCSIN_ENDPOINT_PAUSE_AFTER_HOURS',
    'An endpoint that fails for so many hours is paused until a person resumes it.',
  )
  @IsNumber()
  @Min(0)
  pauseAfterHours: number = 72;

  @FromEnv(
    'TOCSIN_SMTP_URL',
    'Mail server, `smtp://` or `smtps://` with user and password where it wants them; empty for no mail.',
  )
  smtpUrl: Secret = new Secret('');

  @FromEnv('TOCSIN_MAIL_FROM', 'The functional address that mails come from; needed with a mail server.')
  @IsString()
  mailFrom: string = '';

  @FromEnv('TOCSIN_OPERATOR_MAIL', 'Functional addresses of the operators, told of endpoints that are paused.')
  @IsArray()
  operatorMail: string[] = [];

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
    'TOCSIN_EGRESS_CA_FILE',
    'A file of certificates (PEM) trusted beside the public authorities; empty for none.',
  )
  @IsString()
  egressCaFile: string = '';

  @FromEnv(
    'TOCSIN_FILES_DIR',
    'The folder in which each platform that receives signed files has one of its own; empty: only those with a bucket receive them.',
  )
  @IsString()
  filesDir: string = '';

  @FromEnv('TOCSIN_CONFIRM_HOURS', 'As platform-api has it, for mails about files.')
  @IsNumber()
  @Min(0)
  confirmHours: number = 24;

  @FromEnv('TOCSIN_CONFIRM_URGENT_HOURS', 'As platform-api has it, for mails about files.')
  @IsNumber()
  @Min(0)
  confirmUrgentHours: number = 4;
}
