import { Readable } from 'node:stream';
import { createSecureContext, getCACertificates } from 'node:tls';
import { errors, type Pool } from 'undici';
import type { EgressPort, ExchangeLimits, HttpAnswer } from '#libs/connectors';
import { fault, TocsinError, transient } from '#libs/domain';
import { readException, type EgressRules } from './egress-policy.js';
import { guardedConnect } from './guarded-connect.js';
import { OriginPools } from './origin-pools.js';
import { flattenHeaders, readCapped } from './read-answer.js';
import { readTarget } from './read-target.js';
import { createLookup, type Lookup } from './resolve-host.js';

/** How outbound HTTP is bounded; everything left out is at its strictest. */
export interface EgressOptions {
  /** Openings in the rules, see {@link readException}: `network:port` or `host:port`, `*` for any port. */
  exceptions?: readonly string[];
  /** Allows plain http, to exceptions only. */
  allowHttp?: boolean;
  /** Ports open to public addresses. Default 443. */
  ports?: readonly number[];
  /** Certificates (PEM) trusted beside the public authorities. */
  ca?: readonly string[];
  /** Name servers to ask instead of the system's, as `address` or `address:port`. */
  nameServers?: readonly string[];
  /** Replaces name resolution, for tests. What it answers is checked like any other answer. */
  lookup?: Lookup;
  /** Connections to one origin at a time on behalf of one party; further requests wait within their own deadline. Default 4. */
  connections?: number;
  /** Origins talked to at a time, counted anew for each party. Default 1,000. */
  origins?: number;
  /** Longest time to resolve, connect and shake hands. Default 10 s. */
  connectTimeoutMs?: number;
}

/** Outbound HTTP of one process. */
export interface Egress extends EgressPort {
  /** Asks for what is at an address, under the same rules and bounds. */
  get(url: string, headers: Record<string, string>, limits: ExchangeLimits): Promise<HttpAnswer>;
  /** Ends every connection; requests under way are rejected as transient. */
  close(): Promise<void>;
}

/** Longest time an unused connection is kept, whatever the server proposes. */
const IDLE_CONNECTION_MS = 15_000;
const MOST_HEADER_BYTES = 16 * 1024;

/**
 * Makes the guarded way out. It follows no redirect, knows no proxy, speaks HTTP/1.1 over verified TLS, and reaches
 * public addresses on the allowed ports only, as written in the URL and as really connected.
 * @throws a fault when an exception cannot be read
 */
export function createEgress(options: EgressOptions = {}): Egress {
  const rules: EgressRules = {
    exceptions: (options.exceptions ?? []).map((text, index) => readException(text, index + 1)),
    allowHttp: options.allowHttp ?? false,
    ports: new Set(options.ports ?? [443]),
  };
  const exceptedNames = (hostname: string): boolean =>
    rules.exceptions.some((exception) => 'hostname' in exception && exception.hostname === hostname);
  const pools = new OriginPools(
    {
      connect: guardedConnect({
        rules,
        lookup: options.lookup ?? createLookup(exceptedNames, options.nameServers),
        secureContext: options.ca
          ? createSecureContext({ ca: [...getCACertificates('default'), ...options.ca] })
          : undefined,
        timeoutMs: options.connectTimeoutMs ?? 10_000,
      }),
      connections: options.connections ?? 4,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: IDLE_CONNECTION_MS,
      maxHeaderSize: MOST_HEADER_BYTES,
    },
    options.origins ?? 1_000,
  );
  const exchange = async (url: string, limits: ExchangeLimits, request: Omit<Asked, 'path'>): Promise<HttpAnswer> => {
    const target = readTarget(url, rules);
    return withinDeadline(limits, (signal) =>
      pools.use(target.origin, limits.party ?? '', (pool) =>
        ask(pool, { ...request, path: target.path }, { ...limits, signal }),
      ),
    );
  };
  return {
    get: (url, headers, limits) => exchange(url, limits, { method: 'GET', headers, body: '' }),
    post: (url, headers, body, limits) => {
      return exchange(url, limits, { method: 'POST', headers: { ...lengthOf(body), ...headers }, body });
    },
    request: (method, url, headers, body, limits) => {
      const length = method === 'PUT' ? lengthOf(body) : {};
      return exchange(url, limits, { method, headers: { ...length, ...headers }, body });
    },
    close: () => pools.close(),
  };
}

function lengthOf(body: Buffer | string): Record<string, string> {
  return { 'content-length': String(Buffer.byteLength(body)) };
}

/**
 * Ends an exchange at its deadline, wherever it is. Undici hears of an abort only once a request has a connection, so
 * a request that still waits for one is given up here and dropped by undici as soon as its turn comes.
 */
async function withinDeadline(
  { deadlineMs }: ExchangeLimits,
  exchange: (signal: AbortSignal) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const deadline = new AbortController();
  const over = new Promise<never>((_resolve, reject) => {
    deadline.signal.addEventListener('abort', () =>
      reject(transient('TOC_PEER_UNAVAILABLE', `The server did not answer within ${deadlineMs} ms.`)),
    );
  });
  const timer = setTimeout(() => deadline.abort(), deadlineMs);
  try {
    return await Promise.race([over, exchange(deadline.signal)]);
  } catch (error) {
    throw asTocsinError(error);
  } finally {
    clearTimeout(timer);
  }
}

interface Asked {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  headers: Record<string, string>;
  /** Empty for none. */
  body: Buffer | string;
}

async function ask(
  pool: Pool,
  { method, path, headers, body }: Asked,
  limits: ExchangeLimits & { signal: AbortSignal },
): Promise<HttpAnswer> {
  const started = performance.now();
  const answer = await pool.request({
    path,
    method,
    headers: { 'accept-encoding': 'identity', ...headers },
    body:
      body === '' || limits.startWithinMs === undefined
        ? body || null
        : bodyWithin(body, started, limits.startWithinMs),
    signal: limits.signal,
    // Undici's own times bound only gaps; the deadline bounds the whole.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const taken = await readCapped(answer.body, limits.maxAnswerBytes);
  return {
    status: answer.statusCode,
    headers: flattenHeaders(answer.headers),
    body: taken,
    durationMs: Math.round(performance.now() - started),
  };
}

/** Undici asks for the body once the request has a connection; whoever has waited too long for one sends nothing. */
function bodyWithin(body: Buffer | string, started: number, withinMs: number): Readable {
  return new Readable({
    read() {
      if (performance.now() - started > withinMs) {
        const why = `There was no connection to the server within ${withinMs} ms.`;
        this.destroy(transient('TOC_PEER_UNAVAILABLE', why));
      } else {
        this.push(body);
        this.push(null);
      }
    },
  });
}

function asTocsinError(error: unknown): TocsinError {
  if (error instanceof TocsinError) return error;
  const code = codeOf(error);
  if (error instanceof errors.InvalidArgumentError) return fault('egress was called with an invalid argument', error);
  if (/CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|^ERR_(TLS|SSL)|^EPROTO$/.test(code)) {
    return transient('TOC_PEER_UNAVAILABLE', `The server's certificate or TLS was not accepted (${code}).`, error);
  }
  return transient('TOC_PEER_UNAVAILABLE', `The exchange with the server failed (${code}).`, error);
}

/** The code of a system, TLS or undici error, or that of the first attempt when several addresses were tried. */
function codeOf(error: unknown): string {
  if (!Error.isError(error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'errors' in error && Array.isArray(error.errors) ? codeOf(error.errors[0]) : error.name;
}
