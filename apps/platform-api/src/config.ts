import { IsInt, IsNotEmpty, IsString, Matches, Max, Min } from 'class-validator';
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
}
