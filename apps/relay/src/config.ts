import { FromEnv, KafkaServiceConfig } from '#libs/runtime';
import { IsInt, Max, Min } from 'class-validator';

/** Configuration of the relay. */
export class RelayConfig extends KafkaServiceConfig {
  @FromEnv('TOCSIN_OPS_PORT')
  @IsInt()
  @Min(0)
  @Max(65535)
  override opsPort: number = 7103;

  @FromEnv('TOCSIN_RELAY_ROWS', 'Outbox rows of one send; each holds the records of one chunk and channel.')
  @IsInt()
  @Min(1)
  @Max(100)
  rowsAtOnce: number = 8;

  @FromEnv('TOCSIN_RELAY_KEEP_HOURS', 'Hours that published rows are kept before they are pruned.')
  @IsInt()
  @Min(0)
  @Max(720)
  keepHours: number = 1;
}
