import type { NextFunction, Request, Response } from 'express';
import type { Logger } from './logging.js';

/** Ids that say on whose behalf a request was made, and which problem it ended with. */
export type RequestIds = Record<string, string>;

const ids = new WeakMap<object, RequestIds>();

/** Adds ids to what is logged about a request. Ids only: no names, no values. */
export function noteForLog(request: object, more: RequestIds): void {
  ids.set(request, { ...ids.get(request), ...more });
}

/** The pattern of the route, so that neither ids of objects nor queries are logged; `-` where there is no route. */
function routeOf(request: Request): string {
  const route: unknown = request.route;
  const path: unknown = typeof route === 'object' && route !== null && 'path' in route ? route.path : undefined;
  return typeof path === 'string' ? path : '-';
}

/** Middleware that logs each request when it ends: what changes something or fails at INFO, the rest at DEBUG. */
export function requestLog(logger: Logger) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const start = performance.now();
    response.once('close', () => {
      const isQuiet = request.method === 'GET' && response.statusCode < 500;
      logger[isQuiet ? 'debug' : 'info'](
        {
          method: request.method,
          route: routeOf(request),
          status: response.statusCode,
          ms: Math.round(performance.now() - start),
          ...(response.writableFinished ? {} : { aborted: true }),
          ...ids.get(request),
        },
        'request',
      );
    });
    next();
  };
}
