import { permitsAddress, readException, type EgressRules, type Target } from './egress-policy.js';

function rules(exceptions: string[], allowHttp = false): EgressRules {
  return { exceptions: exceptions.map((text) => readException(text, 1)), allowHttp, ports: new Set([443]) };
}

function target(hostname: string, port = 443, protocol: Target['protocol'] = 'https:'): Target {
  return { protocol, hostname, port };
}

describe('exceptions', () => {
  it.each([
    '',
    '10.0.0.0/8',
    '10.0.0.0/33:443',
    '10.0.0.0/:443',
    '10.0.0.0/8:0',
    '10.0.0.0/8:65536',
    '10.0.0:443',
    '0x7f.0.0.1:443',
    ':443',
    'host name:443',
    'host.:443',
    'https://host:443',
    '[fd00::/8:443',
    'fe80::1%eth0:443',
  ])('%j cannot be read, and the error does not repeat it', (text) => {
    expect(() => readException(text, 3)).toThrow('egress exception 3 is neither');
  });

  it('opens one network on one port', () => {
    const opened = rules(['10.1.0.0/16:8443']);
    expect(permitsAddress(opened, target('hook.example', 8443), '10.1.2.3')).toBe(true);
    expect(permitsAddress(opened, target('hook.example', 8443), '::ffff:10.1.2.3')).toBe(true);
    expect(permitsAddress(opened, target('hook.example', 8444), '10.1.2.3')).toBe(false);
    expect(permitsAddress(opened, target('hook.example', 8443), '10.2.0.1')).toBe(false);
    expect(permitsAddress(opened, target('hook.example', 8443), '8.8.8.8')).toBe(false);
  });

  it.each(['[fd00:1::/64]:443', 'fd00:1::/64:443'])('opens an IPv6 network written %s', (text) => {
    expect(permitsAddress(rules([text]), target('hook.example'), 'fd00:1::9')).toBe(true);
    expect(permitsAddress(rules([text]), target('hook.example'), 'fd00:2::9')).toBe(false);
  });

  it('opens one name wherever inside it leads', () => {
    const opened = rules(['Hook.Inside:*']);
    expect(permitsAddress(opened, target('hook.inside', 9000), '10.9.9.9')).toBe(true);
    expect(permitsAddress(opened, target('other.inside', 9000), '10.9.9.9')).toBe(false);
  });

  it.each(['0.0.0.0', '169.254.169.254', '100.100.100.200', '224.0.0.1', 'fd00:ec2::254', 'fe80::1'])(
    'never opens %s',
    (address) => {
      const opened = rules(['0.0.0.0/0:*', '[::/0]:*', 'hook.inside:*'], true);
      expect(permitsAddress(opened, target('hook.inside'), address)).toBe(false);
    },
  );

  it('lets plain http go to exceptions only, and only when allowed', () => {
    const loopback = ['127.0.0.0/8:*'];
    expect(permitsAddress(rules(loopback, true), target('a.example', 80, 'http:'), '127.0.0.1')).toBe(true);
    expect(permitsAddress(rules(loopback, false), target('a.example', 80, 'http:'), '127.0.0.1')).toBe(false);
    expect(permitsAddress(rules(loopback, true), target('a.example', 443, 'http:'), '8.8.8.8')).toBe(false);
  });

  it('reaches public addresses on the open ports without any', () => {
    expect(permitsAddress(rules([]), target('a.example'), '8.8.8.8')).toBe(true);
    expect(permitsAddress(rules([]), target('a.example', 8443), '8.8.8.8')).toBe(false);
  });
});
