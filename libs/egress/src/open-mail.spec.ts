import { startMailReceiver, type MailReceiver } from '#libs/testing';
import { openMail } from './open-mail.js';

const given = (url: string) => ({ smtpUrl: { reveal: () => url }, mailFrom: 'exchange@tocsin.example' });
const MAIL = { to: ['desk@platform.example'], subject: 'An endpoint', text: 'one\ntwo\n', id: 'an-id' };

describe('outbound mail', () => {
  let receiver: MailReceiver;
  beforeEach(async () => {
    receiver = await startMailReceiver();
  });
  afterEach(() => receiver.close());

  it('is not there where no server is configured', () => {
    expect(openMail(given(''))).toBeUndefined();
  });

  it('brings a mail to a server', async () => {
    await openMail(given(receiver.url))?.send(MAIL);
    expect(receiver.mails).toEqual([{ to: ['desk@platform.example'], source: expect.any(String) as string }]);
    const { source = '' } = receiver.mails[0] ?? {};
    expect(source).toMatch(/^Message-ID: <an-id@tocsin\.example>\r$/m);
    expect(source).toMatch(/^Subject: An endpoint\r$/m);
    expect(source).toMatch(/one\r\ntwo/);
  });

  it('lets no line break of a subject become a header', async () => {
    await openMail(given(receiver.url))?.send({ ...MAIL, subject: 'a\r\nBcc: other@evil.example' });
    expect(receiver.mails[0]?.to).toEqual(['desk@platform.example']);
    expect(receiver.mails[0]?.source).not.toMatch(/^Bcc:/m);
  });

  it('tells a refusal for good from a server that is away', async () => {
    receiver.refuse.set('*', '550 no such address');
    await expect(openMail(given(receiver.url))?.send(MAIL)).rejects.toMatchObject({ family: 'rejection' });
    receiver.refuse.set('*', '451 later');
    await expect(openMail(given(receiver.url))?.send(MAIL)).rejects.toMatchObject({ family: 'transient' });
    await receiver.close();
    await expect(openMail(given(receiver.url))?.send(MAIL)).rejects.toMatchObject({
      code: 'TOC_PEER_UNAVAILABLE',
    });
  });

  it('asks a server on another machine for TLS', async () => {
    const elsewhere = receiver.url.replace('127.0.0.1', '127.0.0.2');
    await expect(openMail(given(elsewhere))?.send(MAIL)).rejects.toMatchObject({ family: 'transient' });
    expect(receiver.mails).toEqual([]);
  });
});
