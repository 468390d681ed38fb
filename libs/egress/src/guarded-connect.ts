import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import type { buildConnector } from 'undici';
import { transient } from '#libs/domain';
import { permitsAddress, type EgressRules, type Target } from './egress-policy.js';
import { refused } from './read-target.js';
import type { Lookup } from './resolve-host.js';

export interface GuardedConnectOptions {
  rules: EgressRules;
  lookup: Lookup;
  secureContext?: SecureContext;
  /** For name, TCP and TLS together. */
  timeoutMs: number;
}

/**
 * Opens connections for undici. Of a name's addresses only permitted ones are tried, and the address that the socket
 * really has is checked again before the first byte is written, so a name that changes between two looks gains nothing.
 */
export function guardedConnect(options: GuardedConnectOptions): buildConnector.connector {
  return ({ protocol, hostname, port }, callback) => {
    const target: Target = {
      protocol: protocol === 'http:' ? 'http:' : 'https:',
      hostname,
      port: Number(port) || (protocol === 'http:' ? 80 : 443),
    };
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), options.timeoutMs);
    open(target, options, timeout.signal)
      .finally(() => clearTimeout(timer))
      .then(
        (socket) => callback(null, socket),
        (error: unknown) => callback(Error.isError(error) ? error : new Error('connect failed'), null),
      );
  };
}

async function open(target: Target, options: GuardedConnectOptions, signal: AbortSignal): Promise<Socket> {
  const addresses =
    isIP(target.hostname) !== 0 ? [target.hostname] : await untilAborted(options.lookup(target.hostname), signal);
  const permitted = addresses.filter((address) => permitsAddress(options.rules, target, address));
  if (permitted.length === 0) throw refused('The host name does not lead to an address that may be reached.');
  const plain = await opened(
    connectTcp({
      host: target.hostname,
      port: target.port,
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: 1_000,
      noDelay: true,
      keepAlive: true,
      lookup: (_name, _wanted, answer) =>
        answer(
          null,
          permitted.map((address) => ({ address, family: isIP(address) })),
        ),
    }),
    'connect',
    signal,
  );
  if (!permitsAddress(options.rules, target, plain.remoteAddress ?? '') || plain.remotePort !== target.port) {
    plain.destroy();
    throw refused('The connection led to an address that may not be reached.');
  }
  if (target.protocol === 'http:') return plain;
  const secured = connectTls({
    socket: plain,
    host: target.hostname,
    servername: isIP(target.hostname) === 0 ? target.hostname : undefined,
    secureContext: options.secureContext,
    ALPNProtocols: ['http/1.1'],
    // Said aloud so that no environment variable can switch it off.
    rejectUnauthorized: true,
  });
  return opened(secured, 'secureConnect', signal);
}

/** A name server has no more time than the connection; what it says later is dropped. */
function untilAborted<Found>(found: Promise<Found>, signal: AbortSignal): Promise<Found> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(tooSlow()), { once: true });
    found.then(resolve, reject);
  });
}

function tooSlow(): Error {
  return transient('TOC_PEER_UNAVAILABLE', 'The connection was not established in time.');
}

/** Waits until the socket is open; whatever else happens destroys it. */
function opened<Opening extends Socket>(socket: Opening, event: string, signal: AbortSignal): Promise<Opening> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off(event, onOpen).off('error', onError).off('close', onClose);
      act();
    };
    const fail = (error: Error): void =>
      settle(() => {
        socket.on('error', () => undefined).destroy();
        reject(error);
      });
    const onOpen = (): void => settle(() => resolve(socket));
    const onError = (error: Error): void => fail(error);
    const onClose = (): void => fail(transient('TOC_PEER_UNAVAILABLE', 'The connection was closed while it opened.'));
    const onAbort = (): void => fail(tooSlow());
    socket.once(event, onOpen).once('error', onError).once('close', onClose);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
