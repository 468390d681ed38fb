import { FromEnv, KafkaServiceConfig } from '#libs/runtime';
import { IsInt, Max, Min } from 'class-validator';

/** Configuration of the relay. */
export class RelayConfig extends KafkaServiceConfig {
  /** Outbox rows of one send; each holds the records of one chunk and channel. */
  @FromEnv('TOCSIN_RELAY_ROWS')
  @IsInt()
  @Min(1)
  @Max(100)
  rowsAtOnce = 8;

  /** Hours that published rows are kept before they are pruned. */
  @FromEnv('TOCSIN_RELAY_KEEP_HOURS')
  @IsInt()
  @Min(0)
  @Max(720)
  keepHours = 1;
}
