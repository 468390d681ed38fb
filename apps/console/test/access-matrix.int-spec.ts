import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '#libs/embedded';
import { EVERYBODY, ROUTES, type Route, type Who, type World } from './access-routes.js';
import { anyText, textLike, ConsoleRig, type Answered } from './console-rig.js';

describe('who may do what', () => {
  let rig: ConsoleRig;
  let world: World;

  beforeAll(async () => {
    rig = await ConsoleRig.start();
    const agency = await rig.admitOrganisation('agency');
    const platform = await rig.admitOrganisation('platform');
    const admin = await rig.admitPerson(platform, 'admin');
    const actors = {
      officer: await rig.admitPerson(agency, 'officer'),
      approver: await rig.admitPerson(agency, 'approver'),
      admin,
      analyst: await rig.admitPerson(platform, 'analyst'),
      stranger: await rig.admit('platform', ['admin']),
      operator: rig.operators[0],
      overseer: await rig.admit('oversight', ['overseer']),
    };
    const channel = await rig.openChannel();
    const given = { connector: 'kafka', channels: [channel], settings: {} };
    const { body } = await rig.call(admin, 'POST', '/v1/subscriptions', given);
    world = { actors, channel, subscription: body.id };
  });
  afterAll(() => rig.stop());

  const call = async (who: Who, route: Route, id?: string): Promise<Answered> => {
    const filled = id ?? (await route.id?.(rig, world)) ?? '';
    const actor = who === 'nobody' ? undefined : world.actors[who];
    return rig.call(actor, route.method, route.path.replace('{id}', filled) + (route.query ?? ''), route.body);
  };

  it('is asked here of every route that there is', () => {
    const document = JSON.parse(readFileSync(join(repositoryRoot(), 'docs/openapi/console.json'), 'utf8')) as {
      paths: Record<string, object>;
    };
    const there = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(ROUTES.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(there.sort());
  });

  it.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))('%s', async (_, route) => {
    const expected: [Who, number][] = [];
    const found: [Who, number][] = [];
    for (const who of EVERYBODY) {
      const { status, body, headers } = await call(who, route);
      found.push([who, status >= 200 && status < 300 ? 200 : status]);
      const allowed = route.may.includes(who);
      const status2xx = route.status === undefined || route.status < 300 ? 200 : route.status;
      const code = allowed ? status2xx : who === 'nobody' ? 401 : route.hidden?.includes(who) ? 404 : 403;
      expected.push([who, code]);
      if (status >= 400) {
        expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
        expect(body).toMatchObject({ status, code: textLike(/^TOC_/), instance: anyText });
      }
    }
    expect(found).toEqual(expected);
  });

  it.each(ROUTES.filter(({ hidden }) => hidden).map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s: another's object and none are one answer",
    async (_, route) => {
      for (const who of route.hidden ?? []) {
        const absent = route.path.includes('/channels/')
          ? 'no-such-channel'
          : route.path.includes('/keys/{id}')
            ? '0123456789abcdef'
            : randomUUID();
        const [others, none] = [await call(who, route), await call(who, route, absent)];
        for (const { body } of [others, none]) delete body.instance;
        expect([others.status, others.body]).toEqual([none.status, none.body]);
      }
    },
  );

  it('never says a hash, a sealed secret or a password in an answer', async () => {
    const answers = await Promise.all(
      ROUTES.filter(({ method }) => method === 'GET').map((route) =>
        call(route.may.includes('admin') ? 'admin' : 'operator', route),
      ),
    );
    expect(answers.map(({ body }) => JSON.stringify(body)).join('\n')).not.toMatch(
      /secret_hash|sealed|secretHash|"password"/,
    );
  });
});
