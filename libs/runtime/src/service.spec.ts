import { createConnection } from 'node:net';
import { request as httpRequest } from 'node:http';
import { Body, Controller, Get, HttpException, Module, Param, Post, Req } from '@nestjs/common';
import { pino } from 'pino';
import { fault, rejection, transient } from '#libs/domain';
import { Health } from './health.js';
import { noteForLog } from './request-log.js';
import { loadConfig, ServiceConfig } from './config.js';
import { startService, type RunningService } from './service.js';
import { Telemetry } from './telemetry.js';

@Controller('things')
class ThingsController {
  @Get(':id')
  read(@Req() request: object, @Param('id') id: string): { id: string } {
    noteForLog(request, { person_id: 'p1' });
    if (id === 'rejected') throw rejection('TOC_REQUEST_CONFLICT', 'not now', { state: 'held' });
    if (id === 'transient') throw transient('TOC_DATABASE_UNAVAILABLE', 'the database does not answer');
    if (id === 'fault') throw fault('the inner truth');
    if (id === 'unnamed') throw new Error('the inner truth');
    if (id === 'http') throw new HttpException('the words of somebody else', 418);
    return { id };
  }

  @Post()
  echo(@Body() body: unknown): unknown {
    return body ?? null;
  }

  @Post('stream')
  stream(): never {
    throw rejection('TOC_SUBMISSION_MEDIA', 'refused at the beginning');
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

const config = loadConfig(ServiceConfig, { TOCSIN_DATABASE_URL: 'postgres://x' });

describe('a running service', () => {
  const health = new Health();
  const lines: Record<string, unknown>[] = [];
  let service: RunningService;
  let address: string;

  beforeAll(async () => {
    const logger = pino(
      { level: 'debug' },
      { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
    );
    service = await startService(
      {
        module: ThingsModule,
        http: true,
        jsonBodies: (request) => request.path !== '/things/stream',
        openapi: { title: 'Things', description: 'Things.' },
      },
      { config, logger, telemetry: new Telemetry('things'), health },
    );
    address = `http://127.0.0.1:${service.port}`;
  });
  afterAll(() => service.stop());

  const post = (body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${address}/things`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

  it.each([
    ['things/rejected', 409, 'TOC_REQUEST_CONFLICT'],
    ['things/transient', 503, 'TOC_DATABASE_UNAVAILABLE'],
    ['things/fault', 500, 'TOC_FAULT'],
    ['things/unnamed', 500, 'TOC_FAULT'],
    ['things/http', 400, 'TOC_REQUEST_MALFORMED'],
    ['nothing/here', 404, 'TOC_ACCESS_NOT_FOUND'],
  ])('answers GET /%s with a problem document', async (path, status, code) => {
    const answer = await fetch(`${address}/${path}`);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = (await answer.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ type: `urn:tocsin:error:${code}`, status, code, retryable: status === 503 });
    expect(problem.instance).toMatch(/^urn:uuid:/);
    expect(JSON.stringify(problem)).not.toMatch(/inner truth|somebody else/);
  });

  it('tells the facts of a rejection and nothing of a fault', async () => {
    expect(await (await fetch(`${address}/things/rejected`)).json()).toMatchObject({
      state: 'held',
      detail: 'not now',
    });
    const fault = (await (await fetch(`${address}/things/fault`)).json()) as object;
    expect(Object.keys(fault).sort()).toEqual(['code', 'instance', 'retryable', 'status', 'title', 'type']);
  });

  it.each([
    ['no JSON', '{"a":', 400],
    ['not UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400],
    ['nested 100,000 deep', '['.repeat(100_000), 400],
    ['too large', `"${'x'.repeat(1024 * 1024)}"`, 413],
    ['far too large', `"${'x'.repeat(8 * 1024 * 1024)}"`, 413],
  ])('refuses a body that is %s with a problem document', async (_, body, status) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  });

  it('refuses a compressed body', async () => {
    expect((await post('{}', { 'content-encoding': 'gzip' })).status).toBe(400);
  });

  it('reads JSON up to its bounds', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(1_000_000), deep: '[['.repeat(1000) });
    const answer = await post(body);
    expect(answer.status).toBe(201);
    expect(await answer.text()).toBe(body);
  });

  it('answers an upload that is refused at its beginning, though the client goes on sending', async () => {
    const piece = Buffer.alloc(64 * 1024);
    const { status, code } = await new Promise<{ status?: number; code: unknown }>((resolve, reject) => {
      const upload = httpRequest(`${address}/things/stream`, {
        method: 'POST',
        headers: { 'content-length': 48 * 1024 * 1024 },
      });
      upload.on('response', (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
        answer.on('end', () =>
          resolve({ status: answer.statusCode, code: (JSON.parse(text) as { code: unknown }).code }),
        );
      });
      upload.on('error', reject);
      let sent = 0;
      const send = (): void => {
        while (sent < 48 * 1024 * 1024) {
          sent += piece.length;
          if (!upload.write(piece)) return void upload.once('drain', send);
        }
        upload.end();
      };
      send();
    });
    expect({ status, code }).toEqual({ status: 422, code: 'TOC_SUBMISSION_MEDIA' });
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['endless headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 413],
  ])('answers bytes that are %s with a problem document', async (_, bytes, status) => {
    const text = await new Promise<string>((resolve, reject) => {
      let got = '';
      const socket = createConnection(service.port, '127.0.0.1', () => socket.write(bytes));
      socket.on('data', (piece) => (got += piece.toString()));
      socket.on('end', () => resolve(got));
      socket.on('error', reject);
    });
    expect(text).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*application/problem\\+json[^]*"status":${status}`));
  });

  it('logs route, status, milliseconds and ids, and neither paths nor queries', async () => {
    lines.length = 0;
    await fetch(`${address}/things/rejected?value=indicator.example`);
    const request = (): Record<string, unknown> | undefined => lines.find(({ msg }) => msg === 'request');
    for (let tries = 0; !request() && tries < 3_000; tries += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    const line = request();
    expect(line).toMatchObject({
      method: 'GET',
      route: '/things/:id',
      status: 409,
      person_id: 'p1',
      code: 'TOC_REQUEST_CONFLICT',
    });
    expect(typeof line?.ms).toBe('number');
    expect(JSON.stringify(lines)).not.toMatch(/indicator\.example/);
  });

  it('serves its OpenAPI document', async () => {
    const document = (await (await fetch(`${address}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(document.paths)).toContain('/things/{id}');
  });

  it('tells liveness, readiness and metrics on a port of their own', async () => {
    const ops = `http://127.0.0.1:${service.opsPort}`;
    expect((await fetch(`${ops}/livez`)).status).toBe(200);
    expect((await fetch(`${ops}/readyz`)).status).toBe(200);
    health.addReadiness('flaky', () => Promise.reject(new Error('no')));
    const notReady = await fetch(`${ops}/readyz`);
    expect(notReady.status).toBe(503);
    expect(await notReady.text()).toBe('flaky\n');
    health.addReadiness('flaky', () => Promise.resolve());
    expect(await (await fetch(`${ops}/metrics`)).text()).toMatch(/tocsin_request_errors_total\{.*TOC_FAULT/);
  });
});
