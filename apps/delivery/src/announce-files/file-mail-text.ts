import type { Mail } from '#libs/connectors';

/** What a mail about files is made of: how much and how urgent, and nothing of what is in them. */
export interface FileMailFacts {
  subscriptionId: string;
  since: Date;
  until: Date;
  /** Records that say that something is live, new or changed. */
  live: number;
  withdrawn: number;
  /** Whether any of it is of an emergency's channel. */
  emergency: boolean;
  /** By when the platform says what it did about what was withdrawn. */
  answerBy?: Date;
}

/**
 * Writes a mail about files. Whoever runs a mail server on the way may read it: it names no channel, no agency, no harm, no value, and
 * no file. The id is the same for a repeat.
 */
export function fileMail(facts: FileMailFacts, to: string): Mail {
  const { subscriptionId, since, until, live, withdrawn, emergency, answerBy } = facts;
  return {
    id: `files-${subscriptionId}-${since.getTime()}`,
    to: [to],
    subject: emergency ? 'Urgent: new files are there' : 'New files are there',
    text: [
      `From ${since.toISOString()} to ${until.toISOString()} files were put for you.`,
      '',
      `New or changed: ${live}`,
      `Withdrawn: ${withdrawn}`,
      `Priority: ${emergency ? 'emergency' : 'ordinary'}`,
      ...(answerBy ? [`Say what you did about what was withdrawn by ${answerBy.toISOString()}`] : []),
      '',
      'What they are about stands in the files alone.',
      `Subscription: ${subscriptionId}`,
      '',
    ].join('\n'),
  };
}
