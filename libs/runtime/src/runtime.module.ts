import { Module, type DynamicModule } from '@nestjs/common';
import type { Health } from './health.js';
import type { Logger } from './logging.js';
import type { Telemetry } from './telemetry.js';

export const LOGGER = Symbol('logger');
export const TELEMETRY = Symbol('telemetry');
export const HEALTH = Symbol('health');
export const CONFIG = Symbol('config');

/** Gives every module of a service its logger, telemetry, health and configuration. */
@Module({})
export class RuntimeModule {
  static forRoot(parts: { logger: Logger; telemetry: Telemetry; health: Health; config: object }): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: parts.logger },
      { provide: TELEMETRY, useValue: parts.telemetry },
      { provide: HEALTH, useValue: parts.health },
      { provide: CONFIG, useValue: parts.config },
    ];
    return { module: RuntimeModule, global: true, providers, exports: providers.map(({ provide }) => provide) };
  }
}
