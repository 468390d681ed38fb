/** A refusal of the interface, with its problem document. */
export class ProblemAnswer extends Error {
  constructor(
    readonly status: number,
    readonly problem: { code?: string; title?: string; detail?: string },
  ) {
    super(`${status} ${problem.code ?? ''}: ${problem.detail ?? problem.title ?? ''}`);
  }
}

/** Calls an interface of the exchange with a key. */
export class ApiClient {
  constructor(
    private readonly baseUrl: string,
    private readonly key: string,
  ) {}

  /** @throws ProblemAnswer for any status that is not 2xx */
  async call<Answer = Record<string, unknown>>(method: string, path: string, json?: unknown): Promise<Answer> {
    return this.send(method, path, json === undefined ? undefined : JSON.stringify(json), {
      'content-type': 'application/json',
    });
  }

  async send<Answer = Record<string, unknown>>(
    method: string,
    path: string,
    body: RequestInit['body'],
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(new URL(path, this.baseUrl), {
      method,
      headers: { authorization: `Bearer ${this.key}`, ...(body === undefined ? {} : headers) },
      body,
      // A body that streams asks for this (fetch standard, RequestInit).
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    });
    const text = await response.text();
    const answer: unknown = text === '' ? {} : JSON.parse(text);
    if (!response.ok) throw new ProblemAnswer(response.status, answer as ProblemAnswer['problem']);
    return answer as Answer;
  }
}
