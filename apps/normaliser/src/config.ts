import { FromEnv, KafkaServiceConfig, KeysDir } from '#libs/runtime';
import { IsIn, IsInt, IsUrl, Max, Min } from 'class-validator';
import { TLP_LEVELS, type Tlp } from '#libs/domain';

/** Configuration of the normaliser. */
export class NormaliserConfig extends KafkaServiceConfig {
  @FromEnv('TOCSIN_PORT')
  @IsInt()
  @Min(0)
  @Max(65535)
  override port: number = 7002;

  @FromEnv('TOCSIN_OPS_PORT')
  @IsInt()
  @Min(0)
  @Max(65535)
  override opsPort: number = 7102;

  @KeysDir()
  keysDir: string;

  @FromEnv('TOCSIN_INTAKE_URL', 'Where intake answers; submission bytes are read from its internal endpoint.')
  @IsUrl({ require_tld: false, protocols: ['http', 'https'] })
  intakeUrl: string;

  @FromEnv('TOCSIN_CHUNK_ITEMS', 'Most items of one transaction.')
  @IsInt()
  @Min(1)
  @Max(5000)
  chunkItems: number = 1000;

  @FromEnv(
    'TOCSIN_CHUNK_MILLISECONDS',
    'About how long one transaction may last, in milliseconds: as long as something more urgent waits for it.',
  )
  @IsInt()
  @Min(5)
  @Max(5000)
  chunkMilliseconds: number = 50;

  @FromEnv(
    'TOCSIN_HIGHEST_TLP',
    'Highest TLP label that this deployment may hold; anything above is destroyed and reported.',
  )
  @IsIn(TLP_LEVELS)
  highestTlp: Tlp = 'amber+strict';
}
