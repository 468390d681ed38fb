import { readException, type EgressRules } from './egress-policy.js';
import { readTarget } from './read-target.js';

const strict: EgressRules = { exceptions: [], allowHttp: false, ports: new Set([443]) };

function ruleBroken(url: string, rules = strict): string {
  try {
    readTarget(url, rules);
  } catch (error) {
    expect(error).toMatchObject({ code: 'TOC_CONNECTOR_EGRESS', family: 'rejection' });
    return error instanceof Error ? error.message : '';
  }
  throw new Error('was not refused');
}

describe('a URL', () => {
  it('keeps path and query, drops the fragment', () => {
    expect(readTarget('https://Hook.Example/a/b?c=%20#d', strict)).toEqual({
      protocol: 'https:',
      hostname: 'hook.example',
      port: 443,
      origin: 'https://hook.example',
      path: '/a/b?c=%20',
    });
  });

  it.each(['https://8.8.8.8/', 'https://[2606:4700:4700::1111]/', 'https://bücher.example/', 'HTTPS://a.example:443/'])(
    '%s is read',
    (url) => expect(readTarget(url, strict).port).toBe(443),
  );

  it.each([
    ['not https', 'http://hook.example/'],
    ['not http', 'ftp://hook.example/'],
    ['not http', 'file:///etc/hosts'],
    ['not http', 'data:text/plain,x'],
    ['no URL', 'hook.example'],
    ['no URL', ''],
    ['another port', 'https://hook.example:8443/'],
    ['user name', 'https://user@hook.example/'],
    ['user name and password', 'https://user:word@hook.example/'],
    ['empty user name', 'https://@hook.example/'],
    ['trailing dot', 'https://hook.example./'],
    ['tab in the host', 'https://hook\t.example/'],
    ['line break', 'https://hook.example/\r\nx: y'],
    ['backslash', 'https:\\\\hook.example\\'],
    ['backslash before @', 'https://hook.example\\@127.0.0.1/'],
    ['very long', `https://hook.example/${'a'.repeat(5000)}`],
  ])('is refused: %s', (_what, url) => expect(ruleBroken(url)).not.toContain('hook'));

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://0x7f.0.0.1/',
    'https://0177.0.0.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://017700000001/',
    'https://127.0.0.1./',
    'https://１２７.0.0.1/',
    'https://127。0。0。1/',
    'https://%31%32%37.0.0.1/',
    'https://0/',
    'https://0.0.0.0/',
    'https://[::]/',
    'https://[::1]/',
    'https://[0:0:0:0:0:0:0:1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::a00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[::127.0.0.1]/',
    'https://[fe80::1%25eth0]/',
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://2852039166/',
    'https://[fd00:ec2::254]/',
    'https://192.168.0.1:443/',
    'https://100.64.0.1/',
    'https://224.0.0.1/',
    'https://134744072/',
    'https://0x08.8.8.8/',
    'https://010.8.8.8/',
  ])('with an address that is not public or oddly spelled is refused: %s', (url) => {
    ruleBroken(url);
  });

  it('may name an excepted address, in its ordinary spelling only', () => {
    const opened = { ...strict, exceptions: [readException('127.0.0.0/8:*', 1)], allowHttp: true };
    expect(readTarget('http://127.0.0.1:9000/hook', opened)).toMatchObject({ port: 9000, hostname: '127.0.0.1' });
    ruleBroken('http://127.1:9000/hook', opened);
    ruleBroken('http://10.0.0.1:9000/hook', opened);
    ruleBroken('http://8.8.8.8/', opened);
  });
});
