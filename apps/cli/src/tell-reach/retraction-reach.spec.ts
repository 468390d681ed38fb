import { reachLines } from './retraction-reach.js';

describe('the lines about a retraction', () => {
  const reach = {
    ...{
      retraction_id: 'r',
      followed: true,
      rows: 40_000,
      had: 42,
      told: 42,
      confirmed: 41,
      open: 1,
      overdue: 1,
      more: false,
    },
    platforms: [
      { platform: 'Forum', platform_id: 'f', told: true, confirmed: false, overdue: true },
      { platform: 'Video', platform_id: 'v', told: true, confirmed: true, overdue: false },
    ],
  };

  it('say to an agency who has confirmed and who is waited for', () => {
    expect(reachLines({ ...reach, followed_by_operators: { platforms: 2, closed_by_statement: 1 } })).toEqual([
      '40000 rows are no longer on this word',
      '42 of 42 platforms told, 41 of 42 confirmed',
      '1 open, 1 overdue',
      '2 more platforms are followed by operators, 1 of them closed by statement',
      '  waits for Forum (told, overdue)',
    ]);
  });

  it('say to operators with which words', () => {
    const outcomes = [{ outcome: 'cannot', because: 'preservation-duty', platforms: 3, rows: 30 }];
    expect(reachLines({ ...reach, outcomes })).toContain(
      '42 of 42 platforms told, 41 of 42 confirmed: 3 cannot (preservation-duty), 30 rows',
    );
  });
});
