import { createTransport } from 'nodemailer';
import type { Mail, MailPort } from '#libs/connectors';
import { rejection, transient } from '#libs/domain';

/** Outbound mail as a service's configuration says it. */
export interface MailSettings {
  /** `smtp://` or `smtps://` with user and password where the server wants them; empty for no mail. */
  smtpUrl: { reveal(): string };
  /** The address that mails come from, a functional one. */
  mailFrom: string;
}

/** Longest wait for the mail server at any step, in milliseconds. */
const PATIENCE_MS = 20_000;

/**
 * Opens outbound mail by a service's configuration, over SMTP (RFC 5321). Whatever the server offers of TLS is used; a server
 * that is on another machine must offer it.
 * @returns undefined where no mail server is configured
 */
export function openMail({ smtpUrl, mailFrom }: MailSettings): MailPort | undefined {
  const address = smtpUrl.reveal();
  if (address === '') return undefined;
  const url = new URL(address);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const transport = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    ...(url.port && { port: Number(url.port) }),
    secure: url.protocol === 'smtps:',
    requireTLS: url.protocol !== 'smtps:' && !isLocal,
    ...(url.username && {
      auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) },
    }),
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    // Only what is given here goes into a mail: no file and no address is ever read for it.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = mailFrom.slice(mailFrom.indexOf('@') + 1);
  return {
    async send({ to, subject, text, id }: Mail): Promise<void> {
      try {
        await transport.sendMail({ from: mailFrom, to: [...to], subject, text, messageId: `<${id}@${domain}>` });
      } catch (thrown) {
        throw isRefusal(thrown)
          ? rejection('TOC_CONNECTOR_SETTINGS', 'The mail server refuses these addresses.')
          : transient('TOC_PEER_UNAVAILABLE', 'The mail server does not take mail now.', thrown);
      }
    },
  };
}

/** Whether the server said for good that it will not (a reply 5yz to an address: RFC 5321, section 4.2.1). */
function isRefusal(thrown: unknown): boolean {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return false;
  const permanent = 'responseCode' in thrown && Number(thrown.responseCode) >= 500;
  return thrown.code === 'EENVELOPE' && permanent;
}
