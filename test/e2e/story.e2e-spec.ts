import { Story } from '../../tools/demo/story.js';
import { ExchangeUnderTest } from '../exchange-under-test.js';

describe('the story of the demonstration', () => {
  let under: ExchangeUnderTest;
  beforeAll(async () => void (under = await ExchangeUnderTest.start('story')));
  afterAll(() => under.stop());

  test('everything arrives where it should, and nothing else', async () => {
    const lines: string[] = [];
    const complete = await new Story(under.exchange, (line) => lines.push(line)).tell();
    expect(lines.filter((line) => line.includes('✗'))).toEqual([]);
    expect(complete).toBe(true);
    // Counted from what the platforms hold, not from what the story says of itself.
    const held = async (platform: string): Promise<Record<string, number>> => {
      const counts: Record<string, number> = {};
      for (const { state, record } of await under.table(platform)) {
        const kind = `${record.channel} ${state}`;
        counts[kind] = (counts[kind] ?? 0) + 1;
      }
      return counts;
    };
    const everywhere = { 'everyone live': 2, 'everyone withdrawn': 3, 'emergency live': 2 };
    expect(await held('Framehub')).toEqual(everywhere);
    expect(await held('Slowpoke Pictures')).toEqual(everywhere);
    expect(await held('Streamvale')).toEqual(everywhere);
    expect(await held('Pinegrove Forum')).toEqual({ ...everywhere, 'france live': 2 });
  });
});
