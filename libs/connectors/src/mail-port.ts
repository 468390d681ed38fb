/** A mail to functional addresses: it says where to look, never what is there. */
export interface Mail {
  /** Functional addresses, never a person's own. */
  to: readonly string[];
  /** One line. */
  subject: string;
  /** Plain text; lines end with `\n`. */
  text: string;
  /** Stays the same for a repeat, so that a mail box shows it once: the left part of the `Message-ID` (RFC 5322, section 3.6.4). */
  id: string;
}

/** Outbound mail. */
export interface MailPort {
  /**
   * Hands a mail to the mail server.
   * @throws a transient `TOC_PEER_UNAVAILABLE` when the server does not take it now, a rejection `TOC_CONNECTOR_SETTINGS` when
   * it refuses the addresses for good
   */
  send(mail: Mail): Promise<void>;
}
