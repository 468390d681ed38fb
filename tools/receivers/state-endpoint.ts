import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ReceiverState } from './receiver-state.js';
import type { Misbehaviour } from './misbehaviour.js';
import type { TrustedKeys } from './verify-webhook.js';

/** What the endpoint shows and changes. */
export interface Controlled {
  state: ReceiverState;
  trust?: (keys: Partial<TrustedKeys>) => void;
  behave?: (behaviour: Partial<Misbehaviour>) => void;
}

const LOOPBACK = /^(::1|(::ffff:)?127\.)/;

/**
 * Shows a receiver to the process that started it, on the same machine only:
 * `GET /state` (counts), `GET /state/table`, `GET /state/row?channel=…&row_id=…`, `GET /state/arrivals?from=N`, `POST /control/trust`,
 * `POST /control/behaviour`, each with a JSON body.
 */
export async function answerStateRequest(
  request: IncomingMessage,
  response: ServerResponse,
  controlled: Controlled,
): Promise<void> {
  const { status, value } = LOOPBACK.test(request.socket.remoteAddress ?? '')
    ? await act(request, controlled)
    : { status: 403, value: {} };
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function act(request: IncomingMessage, controlled: Controlled): Promise<{ status: number; value: unknown }> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://receiver');
  const { state, trust, behave } = controlled;
  switch (`${request.method} ${pathname}`) {
    case 'GET /state':
      return { status: 200, value: state.counts() };
    case 'GET /state/table':
      return { status: 200, value: state.table() };
    case 'GET /state/row':
      return { status: 200, value: state.held(searchParams.get('channel') ?? '', searchParams.get('row_id') ?? '') };
    case 'GET /state/arrivals':
      return { status: 200, value: state.arrivals.slice(Number(searchParams.get('from') ?? 0)) };
    case 'POST /control/trust':
      if (trust) trust((await json(request)) as Partial<TrustedKeys>);
      return { status: trust ? 200 : 404, value: {} };
    case 'POST /control/behaviour':
      if (behave) behave((await json(request)) as Partial<Misbehaviour>);
      return { status: behave ? 200 : 404, value: {} };
    default:
      return { status: 404, value: {} };
  }
}

async function json(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += piece as string;
  return JSON.parse(text);
}

/** A server with nothing but the endpoint, for receivers that take their records elsewhere. */
export function stateServer(state: ReceiverState): Server {
  return createServer((request, response) => {
    answerStateRequest(request, response, { state }).catch(() => request.socket.destroy());
  });
}
