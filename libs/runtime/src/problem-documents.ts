import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { fault, rejection, TocsinError } from '#libs/domain';
import { answerEarly } from './early-answer.js';
import type { Logger } from './logging.js';
import { noteForLog } from './request-log.js';
import type { Telemetry } from './telemetry.js';

/** A problem document (RFC 9457, section 3). `instance` names this occurrence, for support. */
export interface ProblemDocument {
  type: string;
  title: string;
  status: number;
  code: string;
  retryable: boolean;
  detail?: string;
  instance: string;
  [extension: string]: unknown;
}

/** The public form of an error. What is ours is told by its id alone. */
export function problemDocument(error: TocsinError, instance: string): ProblemDocument {
  const head = {
    type: `urn:tocsin:error:${error.code}`,
    title: error.title,
    status: error.status,
    code: error.code,
    retryable: error.retryable,
  };
  if (error.family === 'fault') return { ...head, instance };
  return { ...error.facts, ...head, detail: error.detail, instance };
}

/** Reads whatever was thrown in a request as one of our errors. */
export function readThrown(thrown: unknown): TocsinError {
  if (thrown instanceof TocsinError) return thrown;
  if (thrown instanceof HttpException) {
    const status = thrown.getStatus();
    if (status === 401) return rejection('TOC_ACCESS_UNAUTHENTICATED', 'no valid key was given');
    if (status === 403) return rejection('TOC_ACCESS_FORBIDDEN', 'this is not allowed');
    if (status === 404) return rejection('TOC_ACCESS_NOT_FOUND', 'there is nothing at this address');
    if (status === 413) return rejection('TOC_REQUEST_TOO_LARGE', 'the request is too large');
    if (status < 500) return rejection('TOC_REQUEST_MALFORMED', 'the request cannot be read');
  }
  return fault('an error that nobody named', thrown);
}

/** How errors are told on routes of a protocol that has its own form for them. */
export interface ErrorForm {
  applies(request: Request): boolean;
  mediaType: string;
  /** Schemes by which a request may say who it is from, for an answer 401. */
  challenge: string;
  /** @param instance names this occurrence, for support; what is ours is told by it alone */
  body(error: TocsinError, instance: string): object;
}

const PROBLEM_DOCUMENT: ErrorForm = {
  applies: () => true,
  mediaType: 'application/problem+json',
  challenge: 'Bearer realm="tocsin"',
  body: problemDocument,
};

/** Seconds to wait where an error does not say `retry_after_s` itself. */
const RETRY_AFTER_S = 5;

/** Answers every error of every route, with a problem document where no other form applies, and logs what is ours. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly telemetry: Telemetry,
    private readonly forms: readonly ErrorForm[] = [],
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<Response>();
    const request = host.switchToHttp().getRequest<Request>();
    this.answer(thrown, request, response);
  }

  answer(thrown: unknown, request: Request, response: Response): void {
    const error = readThrown(thrown);
    const instance = `urn:uuid:${randomUUID()}`;
    const facts = { code: error.code, instance, method: request.method };
    noteForLog(request, { code: error.code, instance });
    if (error.family === 'fault') this.logger.error({ ...facts, err: error }, 'request-failed');
    else if (error.family === 'transient') this.logger.warn({ ...facts, err: error }, 'request-postponed');
    else this.logger.debug(facts, 'request-refused');
    this.telemetry
      .counter('request_errors_total', 'Requests that ended with an error', ['code'])
      .inc({ code: error.code });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const form = this.forms.find((one) => one.applies(request)) ?? PROBLEM_DOCUMENT;
    if (error.status === 401) response.setHeader('WWW-Authenticate', form.challenge);
    if (error.family === 'transient')
      response.setHeader('Retry-After', String(error.facts.retry_after_s ?? RETRY_AFTER_S));
    response.status(error.status).setHeader('Content-Type', form.mediaType);
    const body = Buffer.from(JSON.stringify(form.body(error, instance)));
    // An upload that was refused half-way is not read to its end.
    if (request.complete) response.send(body);
    else answerEarly(request, response, body);
  }
}

/** Answers bytes that are no request, or one with headers beyond all bounds, of which nobody could make a response. */
export function answerUnreadable(error: Error & { code?: string }, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? rejection('TOC_REQUEST_TOO_LARGE', 'the address and headers of a request hold at most 16 KiB')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? rejection('TOC_REQUEST_TOO_SLOW', 'the headers took too long to arrive')
        : rejection('TOC_REQUEST_MALFORMED', 'this is not a request of HTTP');
  const body = JSON.stringify(problemDocument(problem, `urn:uuid:${randomUUID()}`));
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
