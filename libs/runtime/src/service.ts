import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import { boundedJson } from './bounded-json.js';
import { ConfigError, loadConfig, type ServiceConfig } from './config.js';
import { Health } from './health.js';
import { createLogger, type Logger } from './logging.js';
import { startOpsServer } from './ops-server.js';
import { answerUnreadable, ProblemFilter, type ErrorForm } from './problem-documents.js';
import { requestLog } from './request-log.js';
import { RuntimeModule } from './runtime.module.js';
import { Telemetry } from './telemetry.js';

/** What a service is given when it builds its parts. */
export interface ServiceParts<Config> {
  config: Config;
  logger: Logger;
  telemetry: Telemetry;
  health: Health;
}

/** What a service is made of. */
export interface ServiceDefinition {
  module: DynamicModule | Type;
  /** Whether it listens for HTTP on its port. */
  http: boolean;
  /** Requests whose JSON body is parsed; the others keep their stream. Default: all. */
  jsonBodies?: (request: Request) => boolean;
  /** Forms of errors on routes of other protocols; elsewhere they are problem documents. */
  errorForms?: readonly ErrorForm[];
  strategies?: CustomTransportStrategy[];
  openapi?: { title: string; description: string };
  /** After Nest is up and before readiness: start background loops here. */
  start?(app: INestApplication): Promise<void> | void;
  /** On the way down: stop loops, let work under way end. Called before Nest closes. */
  drain?(): Promise<void>;
  /** At the very end: close connections. */
  close?(): Promise<void>;
}

/** A running service. */
export interface RunningService {
  app: INestApplication;
  port: number;
  opsPort: number;
  stop(): Promise<void>;
}

/** The OpenAPI document of an application. */
export function openApiDocument(app: INestApplication, openapi: { title: string; description: string }): OpenAPIObject {
  const settings = new DocumentBuilder()
    .setTitle(openapi.title)
    .setDescription(openapi.description)
    .setVersion('1')
    .addBearerAuth()
    .addSecurityRequirements('bearer')
    .build();
  return SwaggerModule.createDocument(app, settings);
}

/** The module above a service's own. */
class Root {}

/** Starts a service from its parts; tests call it directly, `main.ts` through {@link runService}. */
export async function startService<Config extends ServiceConfig>(
  definition: ServiceDefinition,
  parts: ServiceParts<Config>,
): Promise<RunningService> {
  const { config, logger, telemetry, health } = parts;
  const root: DynamicModule = {
    module: Root,
    imports: [RuntimeModule.forRoot(parts), definition.module as DynamicModule],
  };
  const app = await NestFactory.create<NestExpressApplication>(root, {
    bodyParser: false,
    logger: false,
    abortOnError: false,
  });
  const problems = new ProblemFilter(logger, telemetry, definition.errorForms);
  app.useGlobalFilters(problems);
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(requestLog(logger));
  app.use(boundedJson(definition.jsonBodies ?? (() => true)));
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) =>
    problems.answer(error, request, response),
  );
  if (definition.openapi) serveOpenApi(app, definition.openapi);
  for (const strategy of definition.strategies ?? [])
    app.connectMicroservice({ strategy }, { inheritAppConfig: false });
  if (definition.strategies?.length) await app.startAllMicroservices();
  const ops = await startOpsServer(config.host, config.opsPort, health, telemetry);
  if (definition.http) {
    await app.listen(config.port, config.host);
    const server = app.getHttpServer();
    // Longer than the idle time of usual clients and balancers; headers within bounds, bodies as slow as they are.
    // A connection on which nothing moves for two minutes is closed.
    Object.assign(server, { keepAliveTimeout: 75_000, headersTimeout: 80_000, requestTimeout: 0, timeout: 120_000 });
    server.on('clientError', answerUnreadable);
  } else await app.init();
  await definition.start?.(app);
  health.markStarted();
  const port = definition.http ? (app.getHttpServer().address() as AddressInfo).port : 0;
  logger.info({ port, ops_port: ops.port }, 'service-started');
  return {
    app,
    port,
    opsPort: ops.port,
    stop: async () => {
      health.markDraining();
      await definition.drain?.();
      app.getHttpServer().closeIdleConnections();
      await app.close();
      await definition.close?.();
      await ops.stop();
    },
  };
}

function serveOpenApi(app: INestApplication, openapi: { title: string; description: string }): void {
  let document: string | undefined;
  app.getHttpAdapter().get('/openapi.json', (_request: Request, response: Response) => {
    document ??= JSON.stringify(openApiDocument(app, openapi));
    response.type('application/json').send(document);
  });
}

const LONGEST_STOP_MS = 25_000;

/**
 * The whole life of a service process: configuration, start, signals, draining, end. A configuration that is not
 * valid ends the process with the names of what is wrong.
 */
export async function runService<Config extends ServiceConfig>(
  app: string,
  Config: new () => Config,
  define: (parts: ServiceParts<Config>) => Promise<ServiceDefinition> | ServiceDefinition,
): Promise<void> {
  let config: Config;
  try {
    config = loadConfig(Config);
  } catch (thrown) {
    process.stderr.write(
      `${app}: ${thrown instanceof ConfigError ? thrown.message : 'the configuration cannot be read'}\n`,
    );
    process.exit(78);
  }
  const logger = createLogger(app, config.logLevel);
  const end = (event: string) => (thrown: unknown) => {
    logger.fatal({ err: thrown }, event);
    process.exit(1);
  };
  process.on('unhandledRejection', end('unhandled-rejection'));
  process.on('uncaughtException', end('uncaught-exception'));
  const parts: ServiceParts<Config> = { config, logger, telemetry: new Telemetry(app), health: new Health() };
  const service = await startService(await define(parts), parts);
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'service-stopping');
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
    service.stop().then(() => process.exit(0), end('stop-failed'));
  };
  process.on('SIGTERM', () => stop('SIGTERM'));
  process.on('SIGINT', () => stop('SIGINT'));
}
