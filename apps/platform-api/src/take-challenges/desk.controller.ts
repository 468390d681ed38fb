import { Controller, Get, Header, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { rejection, TocsinError } from '#libs/domain';
import { askingAddress } from './asking-address.js';
import { ChallengeTaker, DeskQuota } from './challenge-taker.js';
import { FORM_PAGE, refusedPage, SCRIPT, STYLE, takenPage } from './desk-page.js';

const LARGEST_FORM = 16 * 1024;
const SLOWEST_MS = 10_000;
const HTML = 'text/html; charset=utf-8';

/** What a page of the desk may do: nothing but show itself, run its one script, and be sent back here. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** @throws rejections `TOC_REQUEST_MALFORMED`, `TOC_REQUEST_TOO_LARGE`, `TOC_REQUEST_TOO_SLOW` */
async function readForm(request: Request): Promise<Record<string, string>> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? ''))
    throw rejection('TOC_REQUEST_MALFORMED', 'a form is asked for');
  const pieces: Buffer[] = [];
  let size = 0;
  const started = Date.now();
  // The iterator must not destroy the request when it is left early: there would be nobody to answer.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LARGEST_FORM) throw rejection('TOC_REQUEST_TOO_LARGE', `a form holds at most ${LARGEST_FORM} bytes`);
    if (Date.now() - started > SLOWEST_MS) throw rejection('TOC_REQUEST_TOO_SLOW', 'the form took too long to arrive');
    pieces.push(piece);
  }
  const fields = [...new URLSearchParams(Buffer.concat(pieces).toString())];
  if (new Set(fields.map(([name]) => name)).size < fields.length)
    throw rejection('TOC_REQUEST_MALFORMED', 'a field is said twice');
  return Object.fromEntries(fields);
}

/** The desk as a page, for who has no program. */
@ApiExcludeController()
@Controller('challenge')
export class DeskController {
  constructor(
    private readonly taker: ChallengeTaker,
    private readonly quota: DeskQuota,
  ) {}

  @Get()
  form(@Res() response: Response): void {
    response.set(HEADERS).type(HTML).send(FORM_PAGE);
  }

  @Get('desk.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('x-content-type-options', 'nosniff')
  style(): string {
    return STYLE;
  }

  @Get('digest.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('x-content-type-options', 'nosniff')
  script(): string {
    return SCRIPT;
  }

  @Post()
  async take(@Req() request: Request, @Res() response: Response): Promise<void> {
    try {
      const standing = await this.taker.take(await readForm(request), askingAddress(request, this.quota.proxies));
      response.status(202).set(HEADERS).type(HTML).send(takenPage(standing));
    } catch (thrown) {
      // Everything else is answered as on other routes.
      if (!(thrown instanceof TocsinError) || thrown.family === 'fault') throw thrown;
      const problems = Array.isArray(thrown.facts.problems) ? thrown.facts.problems.map(String) : [];
      response.status(thrown.status).set(HEADERS).type(HTML).send(refusedPage(thrown.detail, problems));
    }
  }
}
