import { FromEnv, Secret } from '#libs/runtime';
import { IsOptional, IsString, IsUrl } from 'class-validator';

const ADDRESS = { require_tld: false, protocols: ['http', 'https'], require_protocol: true };

/** Where the exchange is, and the key of the person who calls. A key never comes as an argument: arguments are seen by others. */
export class CliConfig {
  @FromEnv('TOCSIN_INTAKE_URL', 'Address of intake.')
  @IsUrl(ADDRESS)
  intakeUrl: string = 'http://127.0.0.1:7001';

  @FromEnv('TOCSIN_CONSOLE_URL', 'Address of the console.')
  @IsUrl(ADDRESS)
  consoleUrl: string = 'http://127.0.0.1:7005';

  @FromEnv('TOCSIN_PLATFORM_API_URL', 'Address of platform-api.')
  @IsUrl(ADDRESS)
  platformApiUrl: string = 'http://127.0.0.1:7006';

  @FromEnv('TOCSIN_KEY_FILE', 'File with the key in its first line.')
  @IsOptional()
  @IsString()
  keyFile: string = '';

  @FromEnv('TOCSIN_KEY', 'The key itself, where there is no file.')
  @IsOptional()
  key: Secret = new Secret('');
}
