import { TocsinError } from '#libs/domain';
import { readProtectedList } from './read-protected-list.js';

function thrownBy(act: () => unknown): TocsinError {
  try {
    act();
  } catch (thrown) {
    if (thrown instanceof TocsinError) return thrown;
  }
  throw new Error('it was not refused');
}

describe('reading a protected list', () => {
  it('reads its own form into canonical, sorted entries, each once', () => {
    const given = {
      title: 'News',
      judges: 'any-hit',
      entries: ['B.example', 'a.example.', 'b.example', 'bücher.example', '*.c.example'],
    };
    expect(readProtectedList(given)).toEqual({
      title: 'News',
      judges: 'any-hit',
      entries: ['a.example', 'b.example', 'c.example', 'xn--bcher-kva.example'],
    });
  });

  it('reads a MISP warninglist when told what it judges', () => {
    const warninglist = {
      name: 'Top sites',
      description: 'Left out',
      type: 'hostname',
      version: 20240101,
      matching_attributes: ['hostname', 'url'],
      list: ['.Example.org', 'example.com'],
    };
    expect(readProtectedList(warninglist, 'whole-host')).toEqual({
      title: 'Top sites',
      judges: 'whole-host',
      entries: ['example.com', 'example.org'],
    });
    expect(() => readProtectedList(warninglist)).toThrow(/judges must be one of/);
    expect(() => readProtectedList({ ...warninglist, type: 'regex' }, 'any-hit')).toThrow(/regex is not read/);
    expect(() => readProtectedList({ ...warninglist, type: 'substring' }, 'any-hit')).toThrow(/substring is not read/);
    expect(() => readProtectedList({ ...warninglist, type: 'constructor' }, 'any-hit')).toThrow(/must be of type/);
  });

  it('reads networks, in one spelling', () => {
    const list = {
      name: 'Networks',
      type: 'cidr',
      list: ['203.0.113.9/24', '2001:DB8::/32', '::ffff:192.0.2.1', '192.0.2.1'],
    };
    expect(readProtectedList(list, 'any-hit').entries).toEqual(['192.0.2.1/32', '2001:db8::/32', '203.0.113.0/24']);
    for (const wide of ['0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/8', '128.0.0.0/1']) {
      expect(() => readProtectedList({ ...list, list: [wide] }, 'any-hit')).toThrow('TOC_REQUEST_PARAMETER');
    }
  });

  it('leaves out digests of which there are no signals, of a warninglist only', () => {
    const entries = ['d41d8cd98f00b204e9800998ecf8427e', 'a'.repeat(56), 'b'.repeat(96), '3::'];
    const read = readProtectedList({ name: 'Empty', type: 'string', list: entries }, 'digest');
    expect(read.entries).toEqual(['d41d8cd98f00b204e9800998ecf8427e']);
    expect(() => readProtectedList({ title: 'x', judges: 'digest', entries })).toThrow('3 entries are not valid');
    expect(() => readProtectedList({ name: 'x', type: 'string', list: ['zz'] }, 'digest')).toThrow('1 entries');
  });

  it('reads digests of the four lengths', () => {
    const entries = ['D41D8CD98F00B204E9800998ECF8427E', 'a'.repeat(40), 'b'.repeat(64), 'c'.repeat(128)];
    expect(readProtectedList({ title: 'x', judges: 'digest', entries }).entries).toContain(
      'd41d8cd98f00b204e9800998ecf8427e',
    );
    expect(() => readProtectedList({ title: 'x', judges: 'digest', entries: ['a'.repeat(41)] })).toThrow();
  });

  it('names the positions of wrong entries and never the entries', () => {
    const entries = ['ok.example', 'https://secret.example/', 'com', 17, 'a b.example', 'user@host.example'];
    const refusal = thrownBy(() => readProtectedList({ title: 'x', judges: 'any-hit', entries }));
    expect(refusal.facts.problems).toEqual(
      [1, 2, 3, 4, 5].map((index) => `entry ${index} is not a host name or network`),
    );
    expect(JSON.stringify(refusal)).not.toContain('secret');
  });

  it.each([
    null,
    [],
    'text',
    { title: 'x', judges: 'all', entries: [] },
    { title: '', judges: 'digest', entries: [] },
    { title: 'x', judges: 'digest', entries: [], more: 1 },
  ])('refuses %j', (given) => {
    expect(() => readProtectedList(given)).toThrow('TOC_REQUEST_PARAMETER');
  });
});
