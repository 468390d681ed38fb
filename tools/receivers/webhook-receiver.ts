import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ReceiverState, type Arrival } from './receiver-state.js';
import { isReceivedRow, type HeldRow } from './row-table.js';
import { answerStateRequest } from './state-endpoint.js';
import { webhookProblem, type TrustedKeys } from './verify-webhook.js';
import type { Misbehaviour } from './misbehaviour.js';

export interface WebhookReceiverOptions {
  /** 0 or absent: any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  address?: string;
  keys?: Partial<TrustedKeys>;
  behaviour?: Partial<Misbehaviour>;
}

/** A running receiver, see {@link startWebhookReceiver}. */
export interface WebhookReceiver {
  /** Where Tocsin posts to. */
  url: string;
  port: number;
  table(): HeldRow[];
  row(channel: string, rowId: string): HeldRow | undefined;
  readonly arrivals: readonly Arrival[];
  readonly state: ReceiverState;
  /** Requests seen on the hook, refused and failed ones included. */
  readonly requests: readonly SeenRequest[];
  trust(keys: Partial<TrustedKeys>): void;
  behave(behaviour: Partial<Misbehaviour>): void;
  waitFor(predicate: (state: ReceiverState) => boolean, ms: number): Promise<void>;
  close(): Promise<void>;
}

/** One request on the hook, as answered. */
export interface SeenRequest {
  at: number;
  id: string;
  status: number | 'dropped';
  headers: IncomingMessage['headers'];
  body: Buffer;
}

const MOST_BYTES = 8_000_000;
const REQUESTS_KEPT = 1_000;

/**
 * A reference receiver in memory: verifies signatures, answers the challenge, keeps the table under the version rule.
 * Until it trusts a key it answers challenges (there is nothing to verify them with yet) and refuses deliveries.
 */
export async function startWebhookReceiver(options: WebhookReceiverOptions = {}): Promise<WebhookReceiver> {
  const state = new ReceiverState();
  const requests: SeenRequest[] = [];
  let keys: TrustedKeys = { publicKeys: [], secrets: [], ...options.keys };
  let behaviour: Misbehaviour = { slowMs: 0, refuseRows: [], drop: 0, ...options.behaviour };
  const trust = (given: Partial<TrustedKeys>): void => void (keys = { ...keys, ...given });
  const behave = (given: Partial<Misbehaviour>): void => void (behaviour = { ...behaviour, ...given });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'GET' || request.url?.startsWith('/control/')) {
      return answerStateRequest(request, response, { state, trust, behave });
    }
    const body = await readBody(request);
    if (behaviour.slowMs > 0) await delay(behaviour.slowMs, undefined, { ref: false });
    const reply = body ? replyTo(request, body) : { status: 413, text: 'too large' };
    requests.push({
      at: Date.now(),
      id: String(request.headers['webhook-id'] ?? ''),
      status: reply === 'drop' ? 'dropped' : reply.status,
      headers: request.headers,
      body: body ?? Buffer.alloc(0),
    });
    if (requests.length > REQUESTS_KEPT) requests.shift();
    if (reply === 'drop') return void request.socket.destroy();
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(reply.text);
  };

  const replyTo = (request: IncomingMessage, body: Buffer): Reply | 'drop' => {
    const message = parsed(body);
    const problem = webhookProblem(request.headers, body, keys);
    const knowsNobody = keys.publicKeys.length + keys.secrets.length === 0;
    if (message.type === 'tocsin.challenge' && (!problem || knowsNobody)) {
      return { status: 200, text: JSON.stringify({ challenge: message.challenge }) };
    }
    if (problem) return { status: 401, text: JSON.stringify({ problem }) };
    const { fail } = behaviour;
    if (fail && fail.times > 0) {
      fail.times--;
      return { status: fail.status, text: '{}', headers: fail.retryAfter ? { 'retry-after': fail.retryAfter } : {} };
    }
    const records = Array.isArray(message.records) ? message.records.filter(isReceivedRow) : undefined;
    if (
      message.type !== 'tocsin.batch' ||
      !Number.isSafeInteger(message.revision) ||
      !records ||
      records.length !== message.records?.length
    ) {
      return { status: 400, text: '{}' };
    }
    if (records.some((record) => behaviour.refuseRows.includes(record.row_id))) return { status: 422, text: '{}' };
    state.take(String(request.headers['webhook-id']), Number(message.revision), records);
    if (behaviour.drop > 0) {
      behaviour.drop--;
      return 'drop';
    }
    return { status: 204 };
  };

  const server = createServer((request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  const port = await listen(server, options.port ?? 0, options.address ?? '127.0.0.1');
  return {
    url: `http://${options.address ?? '127.0.0.1'}:${port}/hook`,
    port,
    state,
    requests,
    arrivals: state.arrivals,
    table: () => state.table(),
    row: (channel, rowId) => state.row(channel, rowId),
    trust,
    behave,
    waitFor: (predicate, ms) => state.waitFor(predicate, ms),
    close: () => closed(server),
  };
}

interface Reply {
  status: number;
  text?: string;
  headers?: Record<string, string>;
}

interface ParsedMessage {
  type?: unknown;
  challenge?: unknown;
  revision?: unknown;
  records?: unknown[];
}

function parsed(body: Buffer): ParsedMessage {
  try {
    const message: unknown = JSON.parse(body.toString('utf8'));
    return typeof message === 'object' && message !== null ? message : {};
  } catch {
    return {};
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length <= MOST_BYTES) pieces.push(piece);
  }
  return length > MOST_BYTES ? undefined : Buffer.concat(pieces);
}

async function listen(server: Server, port: number, address: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, address, resolve);
  });
  return (server.address() as AddressInfo).port;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
