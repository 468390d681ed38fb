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
    const channels = async (platform: string): Promise<string[]> =>
      [...new Set((await under.table(platform)).map(({ record }) => record.channel))].sort();
    expect(await channels('Pinegrove Forum')).toEqual(['emergency', 'everyone', 'france']);
    expect(await channels('Framehub')).toEqual(['emergency', 'everyone']);
    expect(await channels('Streamvale')).toEqual(['emergency', 'everyone']);
  });
});
