import { IsNotEmpty } from 'class-validator';
import { FromEnv, Secret } from '#libs/runtime';

/** What opening an exchange is configured with. */
export class OpenExchangeConfig {
  @FromEnv(
    'TOCSIN_OWNER_DATABASE_URL',
    'postgres:// address of the owner of the database, who may make schemas and roles. No service ever has it.',
  )
  @IsNotEmpty()
  ownerDatabaseUrl: Secret;
}
