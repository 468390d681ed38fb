import { randomUUID } from 'node:crypto';
import { anyText, ConsoleRig, type Actor, type Answered } from './console-rig.js';
import { NameServer } from './name-server.js';

interface ServiceTold {
  id: string;
  host: string;
  state: string;
  channel: string;
  proof: { dns: { name: string; value: string }; file: { url: string; content: string } };
}

describe('services of platforms', () => {
  let names: NameServer;
  let rig: ConsoleRig;
  let admin: Actor;
  let other: Actor;

  beforeAll(async () => {
    names = await NameServer.start();
    rig = await ConsoleRig.start({ TOCSIN_NAME_SERVERS: names.address });
    admin = await rig.admit('platform', ['admin']);
    other = await rig.admit('platform', ['admin']);
  });
  afterAll(async () => {
    await rig.stop();
    names.stop();
  });

  const register = (host: string, by = admin): Promise<Answered> =>
    rig.call(by, 'POST', '/v1/services', { host, kind: 'site' });
  const registered = async (host: string, by = admin): Promise<ServiceTold> =>
    (await register(host, by)).body as unknown as ServiceTold;
  const prove = (id: string, by = admin): Promise<Answered> => rig.call(by, 'POST', `/v1/services/${id}/proof`);
  const publish = ({ proof: { dns } }: ServiceTold): unknown => names.records.set(dns.name, dns.value);

  it('count once a text record proves them, and open the channel of their platform alone', async () => {
    const service = await registered('Video.Example.');
    expect(service).toMatchObject({
      host: 'video.example',
      state: 'waiting',
      channel: `service-${admin.organisationId}`,
      proof: {
        dns: { name: '_tocsin.video.example', type: 'TXT', value: anyText },
        file: { url: 'https://video.example/.well-known/tocsin-service.txt', content: service.proof.dns.value },
      },
    });
    expect(await prove(service.id)).toMatchObject({ status: 409, body: { code: 'TOC_REQUEST_CONFLICT' } });
    names.records.set(service.proof.dns.name, 'tocsin-service=another');
    expect((await prove(service.id)).status).toBe(409);
    publish(service);
    expect(await prove(service.id)).toMatchObject({ status: 200, body: { state: 'proved' } });
    const channels = async (by: Actor): Promise<string[]> =>
      (await rig.call(by, 'GET', '/v1/channels')).body.channels.map(({ id }) => id);
    expect(await channels(admin)).toEqual([service.channel]);
    expect(await channels(other)).toEqual([]);
    expect(await rig.auditOf(`organisation/${admin.organisationId}`)).toContainEqual(
      expect.objectContaining({ action: 'prove-service', actor: admin.personId }),
    );
  });

  it('belong to whoever proved them last', async () => {
    const mine = await registered('short.example');
    publish(mine);
    await prove(mine.id);
    const theirs = await registered('short.example', other);
    expect((await prove(theirs.id, other)).status).toBe(409);
    publish(theirs);
    expect((await prove(theirs.id, other)).status).toBe(200);
    const { services } = (await rig.call(admin, 'GET', '/v1/services')).body as unknown as { services: ServiceTold[] };
    expect(services.find(({ id }) => id === mine.id)?.state).toBe('waiting');
    expect(
      await rig.rows(
        `SELECT platform_id FROM directory.service WHERE host = 'short.example' AND proved_at IS NOT NULL`,
      ),
    ).toEqual([{ platform_id: other.organisationId }]);
  });

  it.each([
    '',
    'localhost',
    '192.0.2.1',
    'co.uk',
    'github.io',
    '*.video.example',
    'https://video.example/',
    'a b.example',
  ])('are hosts below which nobody else has theirs: not %j', async (host) =>
    expect((await register(host)).status).toBe(400),
  );

  it('are the business of their platform', async () => {
    const { id } = await registered('mine.example');
    expect((await register('mine.example')).status).toBe(409);
    for (const by of [other, await rig.admit('platform', ['analyst'])]) {
      expect((await prove(id, by)).status).toBeGreaterThanOrEqual(403);
      expect((await rig.call(by, 'DELETE', `/v1/services/${id}`)).status).toBeGreaterThanOrEqual(403);
    }
    expect((await prove(randomUUID())).status).toBe(404);
    expect((await rig.call(admin, 'DELETE', `/v1/services/${id}`)).status).toBe(200);
    expect((await prove(id)).status).toBe(404);
  });
});
