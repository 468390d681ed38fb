import { rejection } from '#libs/domain';
import { makeApiKey } from './api-key.js';
import type { Principal } from './principal.js';
import { RememberedKeys } from './remembered-keys.js';

const { id, key } = makeApiKey();
const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

describe('remembered keys', () => {
  let asked: (string | undefined)[];
  let isRevoked: boolean;
  let now: number;
  let keys: RememberedKeys;

  beforeEach(() => {
    [asked, isRevoked, now] = [[], false, 0];
    const authenticator = {
      authenticate: (authorization: string | undefined): Promise<Principal> => {
        asked.push(authorization);
        if (isRevoked || authorization !== `Bearer ${key}`)
          return Promise.reject(rejection('TOC_ACCESS_UNAUTHENTICATED', 'no'));
        return Promise.resolve({ personId: 'p', keyId: id } as Principal);
      },
    };
    keys = new RememberedKeys(authenticator, () => now);
  });

  test('are asked about once in a while, whichever way they come', async () => {
    for (const authorization of [`Bearer ${key}`, `bearer ${key}`, basic(id, key), `Bearer ${key}`, basic(id, key)])
      if (authorization.startsWith('bearer')) await keys.authenticate(authorization).catch(() => undefined);
      else expect(await keys.authenticate(authorization)).toMatchObject({ keyId: id });
    expect(asked).toEqual([`Bearer ${key}`, `bearer ${key}`]);
  });

  test('end when they are revoked, within seconds', async () => {
    await keys.authenticate(basic(id, key));
    isRevoked = true;
    now = 20_001;
    await expect(keys.authenticate(basic(id, key))).rejects.toMatchObject({ code: 'TOC_ACCESS_UNAUTHENTICATED' });
    isRevoked = false;
    expect(await keys.authenticate(basic(id, key))).toMatchObject({ keyId: id });
  });

  test.each([
    ['nothing', undefined],
    ['another user', basic('someone', key)],
    ['no user', basic('', key)],
    ['no password', basic(id, '')],
    ['no colon', `Basic ${Buffer.from(key).toString('base64')}`],
    ['no base64', 'Basic %%%'],
  ])('are refused for %s, each time anew', async (_what, authorization) => {
    await expect(keys.authenticate(authorization)).rejects.toMatchObject({ code: 'TOC_ACCESS_UNAUTHENTICATED' });
    await expect(keys.authenticate(authorization)).rejects.toMatchObject({ code: 'TOC_ACCESS_UNAUTHENTICATED' });
    expect(asked).toEqual([undefined, undefined]);
  });
});
