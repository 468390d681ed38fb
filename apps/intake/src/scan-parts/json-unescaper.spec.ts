import { JsonUnescaper } from './json-unescaper.js';

function unescaped(document: string, pieceBytes: number): string {
  const unescaper = new JsonUnescaper();
  const bytes = Buffer.from(document);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes)
    pieces.push(unescaper.pass(bytes.subarray(at, at + pieceBytes)));
  return Buffer.concat([...pieces, unescaper.rest()]).toString();
}

describe('escapes of JSON', () => {
  it.each([1, 2, 3, 5, 6, 7, 100])('are undone however the pieces are cut: %i bytes', (pieceBytes) => {
    expect(unescaped(String.raw`{"payload\u005fbin":"\u0064\u0061ta:x\u002Fy"}`, pieceBytes)).toBe(
      '{"payload_bin":"data:x/y"}',
    );
    expect(unescaped(String.raw`a\u0022b\u005cc\u000ad\u00e9e\\`, pieceBytes)).toBe(
      String.raw`a\u0022b\u005cc\u000ad\u00e9e\\`,
    );
  });

  it('leaves text without escapes alone', () => {
    expect(unescaped('plain text with \\n and \\/', 4)).toBe('plain text with \\n and \\/');
  });
});
