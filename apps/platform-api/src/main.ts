import { runService } from '#libs/runtime';
import { PlatformApiConfig } from './config.js';
import { definePlatformApi } from './platform-api-service.js';

await runService('platform-api', PlatformApiConfig, definePlatformApi);
