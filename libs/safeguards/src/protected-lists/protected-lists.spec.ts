import { judgeSignal } from '../judge.js';
import { ProtectedLists } from './protected-lists.js';
import type { ProtectedListInForce } from './list-content.js';
import type { Statement } from '#libs/domain';

const list = (id: string, judges: ProtectedListInForce['judges'], ...entries: string[]): ProtectedListInForce => ({
  id,
  title: id,
  version: 3,
  judges,
  entries,
});
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const PDQ = 'f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22';
const lists = new ProtectedLists([
  list('news', 'any-hit', 'news.example', 'archive.org.example', '203.0.113.0/24', '2001:db8::/32'),
  list('popular', 'whole-host', 'social.example', 'sites.platform.example', '198.51.100.7/32'),
  list('benign', 'digest', EMPTY),
  list('pictures', 'near-hash', PDQ),
]);
const statement = { harms: ['tvec'], context: 'perpetrator-produced' } as Statement;

describe('what hits a protected list', () => {
  it.each<[type: string, value: string, rule: string | undefined, because?: string, by?: string]>([
    ['url', 'https://news.example/story', 'protected-host', 'host', 'news'],
    ['url', 'https://www.news.example/story', 'protected-host', 'part-of-host', 'news'],
    ['url', 'https://social.example/', 'protected-host', 'whole-host', 'popular'],
    ['url', 'https://social.example/user/1', undefined],
    ['pdq', PDQ.replace('f8f8f0ce', '00f8f0ce'), 'protected-near-hash', 'near-hash', 'pictures'],
    ['pdq', PDQ.replace('f8f8f0cee0f4a84f', '0707073100f40000'), undefined],
    ['domain', 'news.example', 'protected-host', 'host', 'news'],
    ['domain', 'm.social.example', 'protected-host', 'part-of-host', 'popular'],
    ['domain', 'platform.example', 'protected-host', 'contains-host', 'popular'],
    ['domain', 'other.example', undefined],
    ['domain', 'co.uk', 'public-suffix', 'public-suffix'],
    ['url', 'https://co.uk/', 'public-suffix', 'public-suffix'],
    ['url', 'http://203.0.113.200/x', 'protected-network', 'network', 'news'],
    ['url', 'http://203.0.114.1/x', undefined],
    ['url', 'http://[2001:db8:1::5]/x', 'protected-network', 'network', 'news'],
    ['url', 'http://198.51.100.7/', 'protected-network', 'network', 'popular'],
    ['url', 'http://198.51.100.7/clip.mp4', undefined],
    ['url', 'http://198.51.100.8/', undefined],
    ['url', 'https://rnirror.example/x?u=https://news.example/1', 'protected-carried', 'carries-host', 'news'],
    ['url', 'https://new5.example/x', undefined],
    ['url', 'https://xn--nws-rdd.example/x', 'protected-look-alike', 'looks-like-host', 'news'],
    ['sha256', EMPTY, 'protected-digest', 'digest', 'benign'],
    ['sha256', EMPTY.replace('e', 'f'), undefined],
  ])('%s %s: %s', (...row) => {
    const [type, value, rule, because, by] = row;
    const ruling = judgeSignal({ type, value }, statement, { protectedLists: lists });
    if (rule === undefined) expect(ruling).toBeUndefined();
    else
      expect(ruling).toMatchObject({
        ruling: 'hold',
        reason: 'protected-list',
        rule: { id: rule, version: 1 },
        detail: by ? { because, type, list: by, list_version: 3 } : { because, type },
      });
    expect(JSON.stringify(ruling ?? '')).not.toContain(value.length > 10 ? value : '\0');
  });

  it('takes a bounded time for the longest values', () => {
    const long = [
      `https://x.example/${'a.'.repeat(4000)}`,
      `https://x.example/?${'news.exampl/'.repeat(650)}`,
      `https://${'a.'.repeat(110)}example/${'%D1%81.'.repeat(1000)}`,
      `https://x.example/${'aHR0cHM6'.repeat(1000)}`,
      `https://google.com/url?q=${'social.exampl.'.repeat(560)}`,
      `https://google.com/url?q=${'social.example/a&'.repeat(470)}`,
    ];
    const begin = performance.now();
    for (const value of long) lists.hitUrl(value);
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});
