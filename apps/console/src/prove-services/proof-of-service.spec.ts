import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEgress, type Egress } from '#libs/egress';
import { proofWanted, ServiceProofs } from './proof-of-service.js';

describe('the proof of a service by a file', () => {
  let server: Server;
  let egress: Egress;
  let answer: { status: number; body: string };

  beforeAll(async () => {
    server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    egress = createEgress({ exceptions: ['127.0.0.0/8:*'], allowHttp: true });
  });
  afterAll(async () => {
    await egress.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** The name server does not answer, so that only the file can. */
  async function find(status: number, body: string): Promise<unknown> {
    answer = { status, body };
    const wanted = proofWanted('video.example', 'a-token');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/tocsin-service.txt`;
    const proofs = new ServiceProofs(egress, ['127.0.0.1:9']);
    return proofs.find({ ...wanted, file: { ...wanted.file, url } });
  }

  it('is a line of it', async () => {
    expect(await find(200, 'tocsin-service=a-token')).toEqual({ by: 'file' });
    expect(await find(200, 'google=1\r\ntocsin-service=a-token\r\n')).toEqual({ by: 'file' });
  });

  it.each([
    [404, 'tocsin-service=a-token', 'the file was answered with status 404'],
    [301, 'tocsin-service=a-token', 'the file was answered with status 301'],
    [200, 'tocsin-service=another', 'the file says something else'],
    [200, 'x tocsin-service=a-token', 'the file says something else'],
    [200, `${'x'.repeat(5000)}\ntocsin-service=a-token`, expect.any(String)],
  ])('is not found in an answer of status %d, case %#', async (status, body, file) => {
    expect(await find(status, body)).toEqual({ by: undefined, because: { dns: expect.any(String), file } });
  });

  it('is never looked for inside the exchange', async () => {
    const proofs = new ServiceProofs(createEgress(), ['127.0.0.1:9']);
    const wanted = proofWanted('inside.localhost', 'a-token');
    expect(await proofs.find(wanted)).toMatchObject({ by: undefined });
  });
});
