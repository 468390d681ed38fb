import { auditSubject, readSubject } from './proposal-subject.js';

const ID = '0198c0de-0000-7000-8000-00000000000a';

describe('the subject of a proposal', () => {
  it.each([
    ['stop', { scope: 'everything' }, 'exchange'],
    ['stop', { scope: 'agency', id: ID }, `organisation/${ID}`],
    ['stop', { scope: 'channel', id: 'nordic' }, 'channel/nordic'],
    ['lift-stop', { stop: ID }, `stop/${ID}`],
    ['purge', { submission: ID }, `submission/${ID}`],
    ['rebuild', { channel: 'nordic' }, 'channel/nordic'],
    ['retract', { advisory: ID, reason: 'wrong-person' }, `advisory/${ID}`],
    ['issue-key', { person: ID }, `person/${ID}`],
    ['issue-key', { person: ID, expires_at: '2027-01-01T00:00:00Z' }, `person/${ID}`],
    ['grant-role', { person: ID, role: 'approver' }, `person/${ID}`],
    ['replace-protected-list', { list: 'popular-hosts' }, 'protected-list/popular-hosts'],
    ['close-channel', { channel: 'nordic' }, 'channel/nordic'],
    ['release-organisation', { organisation: ID }, `organisation/${ID}`],
    ['release-organisation', { organisation: ID, leave_policy: 'delete-all' }, `organisation/${ID}`],
    ['close-duty', { platform: ID, statement: 'ab'.repeat(32), says: 'deleted' }, `organisation/${ID}`],
  ] as const)('reads %s %j', (action, given, audited) => {
    const subject = readSubject(action, given);
    expect(subject).toEqual(given);
    expect(auditSubject(action, subject)).toBe(audited);
  });

  it.each([
    ['stop', {}],
    ['stop', { scope: 'platform', id: ID }],
    ['stop', { scope: 'agency', id: 'nordic' }],
    ['stop', { scope: 'everything', id: ID }],
    ['stop', { scope: 'channel', id: 'Nordic' }],
    ['purge', { submission: ID, channel: 'nordic' }],
    ['purge', { submission: 17 }],
    ['retract', { advisory: ID, reason: 'because' }],
    ['rebuild', { channel: '../x' }],
    ['issue-key', {}],
    ['issue-key', { person: ID, expires_at: 'soon' }],
    ['issue-key', { person: ID, replaces: 'k' }],
    ['grant-role', { person: ID, role: 'operator' }],
    ['grant-role', { person: ID, role: 'analyst' }],
    ['replace-protected-list', { list: '../x' }],
    ['close-channel', { channel: ID, more: 'x' }],
    ['release-organisation', {}],
    ['close-duty', { platform: ID, statement: 'ab', says: 'deleted' }],
    ['close-duty', { platform: ID, statement: 'ab'.repeat(32), says: 'lost' }],
    ['release-organisation', { organisation: ID, leave_policy: 'burn' }],
  ] as const)('refuses %s %j', (action, given) => {
    expect(() => readSubject(action, given)).toThrow('TOC_REQUEST_PARAMETER');
  });
});
