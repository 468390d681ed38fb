import { IsInt, IsNotEmpty, IsNumber, IsString, IsUrl, Matches, Max, Min } from 'class-validator';
import { FromEnv, KeysDir, ServiceConfig } from '#libs/runtime';

/** Configuration of platform-api. It needs no Kafka. */
export class PlatformApiConfig extends ServiceConfig {
  @FromEnv('TOCSIN_PORT')
  @IsInt()
  @Min(0)
  @Max(65535)
  override port: number = 7006;

  @FromEnv('TOCSIN_OPS_PORT')
  @IsInt()
  @Min(0)
  @Max(65535)
  override opsPort: number = 7106;

  @KeysDir()
  keysDir: string;

  @FromEnv('TOCSIN_NORMALISER_URL', 'Where the normaliser answers, which tells how a dispute stands.')
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  normaliserUrl: string;

  @FromEnv('TOCSIN_READS_OF_A_PLATFORM', 'Most reads of one platform under way at once; more are told to wait.')
  @IsInt()
  @Min(1)
  @Max(1000)
  readsOfAPlatform: number = 8;

  @FromEnv(
    'TOCSIN_EXCHANGE_NAME',
    'Name of this exchange as it stands in STIX; the id of its identity follows from it, so it never changes.',
  )
  @IsString()
  @IsNotEmpty()
  exchangeName: string = 'Tocsin';

  @FromEnv(
    'TOCSIN_PUBLIC_URL',
    'Address by which platforms reach this service, `https://…`, for the API roots of TAXII; empty: they are given as paths.',
  )
  @Matches(/^(https?:\/\/[^\s?#]+)?$/)
  publicUrl: string = '';

  @FromEnv(
    'TOCSIN_CONFIRM_HOURS',
    'Hours in which a platform says what it did about what was taken back from it; then somebody rings it.',
  )
  @IsInt()
  @Min(1)
  @Max(8760)
  confirmHours: number = 24;

  @FromEnv('TOCSIN_CONFIRM_URGENT_HOURS', 'The same where the signals were an error, or the channel is an emergency’s.')
  @IsInt()
  @Min(1)
  @Max(8760)
  confirmUrgentHours: number = 4;

  @FromEnv('TOCSIN_FEEDBACK_A_DAY', 'Most items of feedback that one platform may give in a day of UTC.')
  @IsInt()
  @Min(1)
  @Max(100_000_000)
  feedbackADay: number = 200_000;

  @FromEnv('TOCSIN_DISPUTES_A_DAY', 'How many of them may be disputes.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  disputesADay: number = 500;

  @FromEnv(
    'TOCSIN_LOOK_UP_WALK_HOURS',
    'Hours that a platform needs at least to look up every prefix of a channel; an eighth of them may be asked at once.',
  )
  @IsNumber()
  @Min(0.01)
  @Max(8760)
  lookUpWalkHours: number = 24;
  @FromEnv('TOCSIN_CHALLENGES_A_DAY', 'Most challenges that the public desk takes in a day of UTC.')
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  challengesADay: number = 2_000;

  @FromEnv('TOCSIN_CHALLENGES_OF_AN_ADDRESS', 'Most of them from one address (of IPv6, one /64) in an hour.')
  @IsInt()
  @Min(1)
  @Max(100_000)
  challengesOfAnAddress: number = 20;

  @FromEnv(
    'TOCSIN_PROXIES',
    'How many proxies of the deployment are in front of this service, each adding to X-Forwarded-For; 0: who connects is who asks.',
  )
  @IsInt()
  @Min(0)
  @Max(10)
  proxies: number = 0;
}
