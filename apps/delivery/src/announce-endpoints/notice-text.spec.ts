import { noticeMail, type NoticeFacts } from './notice-text.js';

const FACTS: NoticeFacts = {
  ...{ id: 'n', what: 'paused', platform: 'Example\nForum', subscriptionId: 's-1', connector: 'webhook' },
  since: new Date('2026-01-02T03:04:05Z'),
};

describe('a notice about an endpoint', () => {
  it('says which endpoint and since when, and what to do', () => {
    const mail = noticeMail(FACTS, ['feeds@forum.example'], 'platform');
    expect(mail).toMatchObject({ id: 'n-paused-platform', to: ['feeds@forum.example'] });
    expect(mail.subject).toBe('Paused: an endpoint of Example Forum');
    expect(mail.text).toContain('It takes nothing since 2026-01-02T03:04:05.000Z.');
    expect(mail.text).toContain('tocsin platforms resume s-1');
  });

  it('tells a recovery from a pause, and operators from the platform', () => {
    const mail = noticeMail({ ...FACTS, what: 'recovered' }, ['desk@exchange.example'], 'operators');
    expect(mail.id).toBe('n-recovered-operators');
    expect(mail.subject).toBe('Goes on: an endpoint of Example Forum');
    expect(mail.text).toContain('tocsin attempts s-1');
  });
});
