import { fileMail, type FileMailFacts } from './file-mail-text.js';

const FACTS: FileMailFacts = {
  ...{ subscriptionId: 's-1', live: 12, withdrawn: 3, emergency: false },
  since: new Date('2026-01-02T03:04:05Z'),
  until: new Date('2026-01-02T04:04:05Z'),
};

describe('a mail about files', () => {
  it('says how much and how urgent, in these words and no others', () => {
    const mail = fileMail({ ...FACTS, answerBy: new Date('2026-01-03T03:00:00Z') }, 'files@forum.example');
    expect(mail).toEqual({
      id: 'files-s-1-1767323045000',
      to: ['files@forum.example'],
      subject: 'New files are there',
      text: [
        'From 2026-01-02T03:04:05.000Z to 2026-01-02T04:04:05.000Z files were put for you.',
        '',
        'New or changed: 12',
        'Withdrawn: 3',
        'Priority: ordinary',
        'Say what you did about what was withdrawn by 2026-01-03T03:00:00.000Z',
        '',
        'What they are about stands in the files alone.',
        'Subscription: s-1',
        '',
      ].join('\n'),
    });
  });

  it('is urgent in its subject when anything is, and the same for a repeat', () => {
    const mail = fileMail({ ...FACTS, emergency: true }, 'files@forum.example');
    expect(mail.subject).toBe('Urgent: new files are there');
    expect(mail.text).toContain('Priority: emergency');
    expect(mail.text).not.toContain('Say what you did');
    expect(fileMail({ ...FACTS, live: 13, until: new Date() }, 'files@forum.example').id).toBe(mail.id);
  });
});
