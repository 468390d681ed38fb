import { readFile } from 'node:fs/promises';
import type { CliConfig } from '../config.js';

/** What a service said when it refused. */
export interface Problem {
  status: number;
  code?: string;
  title?: string;
  detail?: string;
  instance?: string;
  problems?: string[];
  [fact: string]: unknown;
}

/** A refusal, to be shown to the person; by the exchange, or by this program, which has the status 0. */
export class Refusal extends Error {
  readonly code: string;

  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title ?? `the exchange answered ${problem.status}`);
    // What answers without a problem document is not the exchange, but something in front of it.
    this.code = problem.code ?? (problem.status >= 500 ? 'TOC_PEER_UNAVAILABLE' : 'TOC_REQUEST_PARAMETER');
  }
}

/** What goes with a call. */
export interface Call {
  json?: unknown;
  body?: BodyInit;
  contentType?: string;
  query?: Record<string, string | readonly string[] | undefined>;
  headers?: Record<string, string>;
}

type BodyInit = NonNullable<RequestInit['body']>;

/** Calls intake, console and platform-api on behalf of the person whose key is configured. */
export class ExchangeApi {
  private key?: Promise<string>;

  constructor(readonly config: CliConfig) {}

  intake<Answer>(method: string, path: string, call: Call = {}): Promise<Answer> {
    return this.call(this.config.intakeUrl, method, path, call);
  }

  console<Answer>(method: string, path: string, call: Call = {}): Promise<Answer> {
    return this.call(this.config.consoleUrl, method, path, call);
  }

  platform<Answer>(method: string, path: string, call: Call = {}): Promise<Answer> {
    return this.call(this.config.platformApiUrl, method, path, call);
  }

  /** Lines that a platform fetches, piece by piece as they come. @throws a {@link Refusal} */
  async *platformLines(path: string, query: Call['query']): AsyncIterable<Uint8Array> {
    const response = await this.ask(this.config.platformApiUrl, 'GET', path, { query });
    if (!response.ok) throw await refusalOf(response);
    for await (const piece of response.body ?? []) yield piece;
  }

  private async call<Answer>(base: string, method: string, path: string, call: Call): Promise<Answer> {
    const response = await this.ask(base, method, path, call);
    if (!response.ok) throw await refusalOf(response);
    return readJson(await response.text()) as Answer;
  }

  private async ask(base: string, method: string, path: string, call: Call): Promise<Response> {
    const url = new URL(path, base);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      for (const one of value === undefined ? [] : [value].flat()) url.searchParams.append(name, one);
    }
    const contentType = call.json === undefined ? call.contentType : 'application/json';
    try {
      return await fetch(url, {
        method,
        headers: {
          ...call.headers,
          authorization: `Bearer ${await this.readKey()}`,
          ...(contentType ? { 'content-type': contentType } : {}),
        },
        body: call.json === undefined ? call.body : JSON.stringify(call.json),
        ...(call.body ? { duplex: 'half' } : {}),
      });
    } catch (thrown) {
      if (thrown instanceof Refusal) throw thrown;
      throw new Refusal({
        status: 0,
        code: 'TOC_PEER_UNAVAILABLE',
        title: `${url.origin} does not answer`,
        detail: `${url.origin} does not answer: is the exchange up, and the address right?`,
      });
    }
  }

  private readKey(): Promise<string> {
    this.key ??= this.findKey();
    return this.key;
  }

  private async findKey(): Promise<string> {
    const { key, keyFile } = this.config;
    if (key.reveal() !== '') return key.reveal().trim();
    if (keyFile === '') {
      throw new Refusal({
        status: 0,
        code: 'TOC_ACCESS_UNAUTHENTICATED',
        detail: 'No key: put it into a file and name that in TOCSIN_KEY_FILE, or set TOCSIN_KEY.',
      });
    }
    const text = await readFile(keyFile, 'utf8').catch(() => {
      throw new Refusal({ status: 0, detail: `The key file ${keyFile} cannot be read.` });
    });
    return text.split('\n')[0]?.trim() ?? '';
  }
}

async function refusalOf(response: Response): Promise<Refusal> {
  const answer = readJson(await response.text());
  return new Refusal({ status: response.status, ...(typeof answer === 'object' ? answer : {}) });
}

function readJson(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}
