import { newUserName, planUsers, usersOf } from './user-plan.js';

const A = '0198c0de-0000-7000-8000-00000000000a';
const B = '0198c0de-0000-7000-8000-00000000000b';
const C = '0198c0de-0000-7000-8000-00000000000c';

describe('the plan of Kafka users', () => {
  it('gives every issue a name of its own, that Kafka takes', () => {
    const [one, other] = [newUserName(A), newUserName(A)];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
    expect(usersOf(A, [one, other, newUserName(B), 'admin'])).toEqual([one, other]);
  });

  it('finds users to remove, to look after and to miss, and leaves the rest of the cluster alone', () => {
    const [a, oldA, b, c] = [newUserName(A), newUserName(A), newUserName(B), newUserName(C)];
    const stranger = newUserName('0198c0de-0000-7000-8000-0000000000ff');
    const wanted = [
      { platformId: A, name: a, state: 'granted' as const },
      { platformId: B, name: b, state: 'granted' as const },
      { platformId: C, name: c, state: 'revoked' as const },
    ];
    expect(planUsers(wanted, [A, B, C], [a, b, 'tocsin-relay', stranger])).toEqual({
      surplus: [],
      present: [A, B],
      missing: [],
      strangers: [stranger],
    });
    expect(planUsers(wanted, [A, B, C], [a, oldA, c])).toEqual({
      surplus: [A, C],
      present: [],
      missing: [B],
      strangers: [],
    });
  });
});
