import type { Statement } from '#libs/domain';
import { listPermissionsSafeguard } from './list-permissions.js';

function verdictOn(origin: string, ...permitted: string[]): string | undefined {
  const facts = { permittedLists: new Set(permitted), receivedAt: new Date() };
  const ruling = listPermissionsSafeguard.judgeStatement?.({ origin } as Statement, facts);
  return ruling && `${ruling.ruling} ${ruling.rule.id}`;
}

describe('lists of third parties', () => {
  it.each(['own-finding', 'seized-material', 'platform-report'])('are no matter of the origin %s', (origin) => {
    expect(verdictOn(origin)).toBeUndefined();
  });

  it.each(['ncmec', 'iwf', 'a-list-nobody-knows'])('are rejected without the permission of their owner: %s', (list) => {
    expect(verdictOn(`third-party-list:${list}`)).toBe('reject list-permission');
    expect(verdictOn(`third-party-list:${list}`, 'gifct', `${list}-other`)).toBe('reject list-permission');
    expect(verdictOn(`third-party-list:${list}`, 'gifct', list)).toBeUndefined();
  });
});
