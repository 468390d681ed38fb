import { ERROR_CODES, fault, TocsinError, transient, type ErrorCode, type ErrorFacts } from '#libs/domain';
import type { InternalSigner } from './internal-tokens.js';
import type { InternalAudience } from './key-purposes.js';
import type { Principal } from './principal.js';

/** What goes with a request to another service. */
export interface PeerRequest {
  /** On whose behalf. */
  principal?: Principal;
  query?: Record<string, string | readonly string[] | undefined>;
  json?: unknown;
  /** Raw bytes; together with `contentType`. */
  body?: Buffer | AsyncIterable<Uint8Array>;
  contentType?: string;
  deadlineMs?: number;
}

const DEADLINE_MS = 30_000;

/** Asks another of our services; its problem documents come back as the errors that they were. */
export class PeerClient {
  constructor(
    private readonly baseUrl: string,
    private readonly audience: InternalAudience,
    private readonly signer: InternalSigner,
  ) {}

  /** @returns the JSON of the answer; undefined for an empty one */
  async request<Answer = unknown>(method: 'GET' | 'POST', path: string, request: PeerRequest = {}): Promise<Answer> {
    const text = (await this.exchange(method, path, request)).toString();
    return (text === '' ? undefined : JSON.parse(text)) as Answer;
  }

  /** @returns the bytes of the answer */
  bytes(method: 'GET', path: string, request: PeerRequest = {}): Promise<Buffer> {
    return this.exchange(method, path, request);
  }

  private async exchange(method: string, path: string, request: PeerRequest): Promise<Buffer> {
    const url = new URL(path, this.baseUrl);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      for (const one of value === undefined ? [] : [value].flat()) url.searchParams.append(name, one);
    }
    const authorization = `Bearer ${await this.signer.sign(this.audience, request.principal)}`;
    const { status, body } = await this.fetch(url, method, authorization, request);
    if (status >= 200 && status < 300) return body;
    throw this.readProblem(status, body.toString());
  }

  private async fetch(
    url: URL,
    method: string,
    authorization: string,
    request: PeerRequest,
  ): Promise<{ status: number; body: Buffer }> {
    const contentType = request.json === undefined ? request.contentType : 'application/json';
    try {
      const response = await fetch(url, {
        method,
        headers: { authorization, ...(contentType ? { 'content-type': contentType } : {}) },
        body: request.json === undefined ? (request.body as RequestInit['body']) : JSON.stringify(request.json),
        redirect: 'error',
        signal: AbortSignal.timeout(request.deadlineMs ?? DEADLINE_MS),
        ...(request.body && !Buffer.isBuffer(request.body) ? { duplex: 'half' } : {}),
      });
      return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
    } catch (thrown) {
      throw transient('TOC_PEER_UNAVAILABLE', `the service ${this.audience} does not answer`, thrown);
    }
  }

  private readProblem(status: number, text: string): TocsinError {
    let problem: Record<string, unknown> = {};
    try {
      problem = JSON.parse(text) as Record<string, unknown>;
    } catch {
      // An answer that is no problem document is judged by its status.
    }
    const {
      code,
      detail,
      type: _type,
      title: _title,
      status: _status,
      retryable: _retryable,
      instance: _instance,
      ...facts
    } = problem;
    const ours = status === 401 || code === 'TOC_FAULT';
    if (typeof code === 'string' && Object.hasOwn(ERROR_CODES, code) && !ours) {
      return new TocsinError(code as ErrorCode, typeof detail === 'string' ? detail : '', facts as ErrorFacts);
    }
    // The token was ours, not the person's: keys are being rotated, and the next try will do.
    if (status === 401 || status >= 500)
      return transient('TOC_PEER_UNAVAILABLE', `the service ${this.audience} answered ${status}`);
    return fault(`the service ${this.audience} answered ${status}`);
  }
}
