import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import { rejection } from '#libs/domain';
import type { AnsweredPage } from './answered-pages.js';
import { accepts, TAXII_MEDIA_TYPE } from './media-types.js';
import { dateHeaders } from './resources.js';

/** Lets a request in whose answer is one that it takes. */
@Injectable()
export class AcceptGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (accepts(request.headers.accept)) return true;
    throw rejection('TOC_REQUEST_NOT_ACCEPTABLE', `what is given here is ${TAXII_MEDIA_TYPE}`);
  }
}

/** Answers a page, with the dates of its first and last object in headers (section 3.2). */
export function answerPage(response: Response, { first, last, bytes }: Omit<AnsweredPage, 'when'>): void {
  for (const [name, value] of Object.entries(dateHeaders(first, last))) response.setHeader(name, value);
  answerBytes(response, bytes, 200);
}

/** Answers any other resource. */
export function answerResource(response: Response, resource: object, status = 200): void {
  answerBytes(response, Buffer.from(JSON.stringify(resource)), status);
}

function answerBytes(response: Response, bytes: Buffer, status: number): void {
  response.status(status);
  response.setHeader('Content-Type', TAXII_MEDIA_TYPE);
  response.setHeader('Content-Length', bytes.length);
  response.setHeader('Cache-Control', 'no-store');
  response.end(bytes);
}
