import { findPeopleData } from './find-people-data.js';

describe('what may identify a person', () => {
  it.each([
    ['name', 'The video shows John Smith in front of the building.'],
    ['name', 'Ask for Anna Berg when you call.'],
    ['name', 'Osama bin Laden is shown speaking.'],
    ['name', 'Mary-Jane Miller filmed it, says the caption.'],
    ['name', 'Police Constable John Smith shared the video.'],
    ['name', 'Terrorist John Smith posts it.'],
    ['phone-number', 'Call +47 22 12 34 56 for more.'],
    ['phone-number', 'His number is +44 (0)20 7946 0958.'],
    ['e-mail-address', 'Write to a.person@mail.example.com.'],
    ['e-mail-address', 'Sent by <someone@post.example.org>'],
    ['account', 'He posts as @some_handle there.'],
    ['account', 'Donations went to DE89 3704 0044 0532 0130 00.'],
    ['date-of-birth', 'He was born on 3 May 1981.'],
    ['account', 'It is paid to GB29 NWBK 6016 1331 9268 19 AT BANK'],
    ['date-of-birth', 'née le 12 mars 1990'],
    ['date-of-birth', 'né le 12 mars 1990'],
    ['document-number', "carte d'identité n° 1234567890"],
    ['date-of-birth', 'DOB: 1981-05-03'],
    ['date-of-birth', 'geboren am 3.5.1981'],
    ['postal-address', 'It was filmed at 12 Baker Street.'],
    ['postal-address', 'rue de la Paix 12'],
    ['postal-address', 'Hauptstraße 7'],
    ['document-number', 'He holds passport no. C01X00T47.'],
    ['document-number', 'Passport: 123456789'],
    ['document-number', 'fødselsnummer 01010112345'],
  ])('is found: %s', (kind, text) => {
    expect(findPeopleData(text)).toContain(kind);
  });

  it.each([
    'Example Online Harms Act 2019, section 4',
    'Regulation (EU) 2021/784, Article 3',
    'Police Act § 2',
    'Criminal Code of Example, Part Two',
    'Terrorism Act 2000, Schedule 7. Online Safety Act 2023.',
    'Ministry of Justice and the Night Desk of the Example Police',
    'Prevention of Terrorism Act 2005, s. 12(3)',
    '§ 129a StGB',
    'Code pénal, article 421-2-5',
    'A livestream of an attack is under way since 14:30 UTC. Look for the black banner top left.',
    'Match the hashes first; copies are cut to 30 or 45 seconds, and 1080 x 720 pixels.',
    'The first upload was on 2026-11-26 10:30:00. Confidence 80 of 100.',
    'Re-uploads carry the watermark in the lower right corner. Please report numbers by 18:00.',
    'ops.example: 3,000 copies in 24 hours; 192.0.2.1 served most of them.',
  ])('is not seen in: %s', (text) => {
    expect(findPeopleData(text)).toEqual([]);
  });

  it('knows numbers without their prefix in the country they belong to', () => {
    expect(findPeopleData('Call 22 12 34 56.')).toEqual([]);
    expect(findPeopleData('Call 22 12 34 56.', 'NO')).toEqual(['phone-number']);
    expect(findPeopleData('Call 22 12 34 56.', 'XX')).toEqual([]);
    expect(findPeopleData('020 7946 0958', 'GB')).toEqual(['phone-number']);
    expect(findPeopleData('(020) 7946 0958', 'GB')).toEqual(['phone-number']);
    expect(findPeopleData('Contact 212-736-5000', 'US')).toEqual(['phone-number']);
    expect(findPeopleData('WhatsApp 612 345 678', 'ES')).toEqual(['phone-number']);
  });

  it.each(['DE', 'NO', 'FR', 'GB', 'US', 'NL', 'SE', 'NZ'])(
    'takes no number of a law for a telephone in %s',
    (country) => {
      for (const text of [
        'Regulation (EU) 2021/784, Article 3',
        'Directive 2011/93/EU, art. 5',
        'Loi n° 2014-1353 du 13 novembre 2014',
        'BGBl. I Nr. 12/2021',
        'Case 2026/123456-7',
        'Wet van 12-04-2024, Stb. 2024, 98',
      ])
        expect(findPeopleData(text, country)).toEqual([]);
    },
  );

  it('takes a time linear in the text', () => {
    for (const piece of [
      'Anna Berg came. ',
      'Anna Berg and ',
      'a@',
      'Ab ',
      'Passport ',
      '1 ',
      '+47 2',
      'rue a ',
      'DE89 ',
      'born ',
      '@',
    ]) {
      const text = piece.repeat(Math.ceil(10_000 / piece.length));
      const started = performance.now();
      findPeopleData(text);
      expect(performance.now() - started).toBeLessThan(1000);
    }
  });
});
