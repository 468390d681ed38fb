import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childCommand, openInChild } from '../src/child/open-in-child.js';
import { OPENING_LIMITS } from '../src/limits.js';
import { makeXlsx } from './make-office.js';
import { makeZip } from './make-zip.js';

const HASH = 'c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a';
const run = promisify(execFile);

/** A table that takes a while and some memory to read. */
function largeTable(): Buffer {
  return makeXlsx({ one: [['sha256'], ...Array.from({ length: 60_000 }, () => [randomBytes(32).toString('hex')])] });
}

describe('the child process that opens containers', () => {
  it('gives back what was inside', async () => {
    const opened = await openInChild(
      makeZip([
        { name: 'a.txt', bytes: `${HASH}\n` },
        { name: 'b.bin', bytes: '\0' },
      ]),
    );
    expect(opened).toMatchObject({
      container: 'zip',
      documents: [{ name: 'a.txt', format: 'value-list', positions: 2 }],
      dropped: [{ name: 'b.bin', kind: 'not-text', bytes: 1 }],
    });
    expect(opened.documents.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([`${HASH}\n`]);
  });

  it('passes refusals on', async () => {
    await expect(openInChild(makeZip([]))).rejects.toMatchObject({
      code: 'TOC_SUBMISSION_CONTAINER',
      facts: { why: 'nothing' },
    });
  });

  it('is killed when it takes too long, and leaves nobody behind', async () => {
    const started = Date.now();
    await expect(openInChild(largeTable(), {}, { ...OPENING_LIMITS, milliseconds: 150 })).rejects.toMatchObject({
      code: 'TOC_SUBMISSION_CONTAINER',
      facts: { why: 'time' },
    });
    expect(Date.now() - started).toBeLessThan(5000);
  });

  it('is killed when it holds too much', async () => {
    const memoryBytes = 48 * 1024 * 1024;
    await expect(openInChild(largeTable(), {}, { ...OPENING_LIMITS, memoryBytes })).rejects.toMatchObject({
      code: 'TOC_SUBMISSION_CONTAINER',
      facts: { why: 'memory' },
    });
  });

  it('ends by itself when its heap is full', async () => {
    // Many short texts, each an object of its own.
    const strings = Array.from({ length: 5_500_000 }, (_none, n) => `<si><t>${n % 977}</t></si>`).join('');
    const table = makeZip([
      { name: '[Content_Types].xml', bytes: 'x' },
      { name: 'xl/workbook.xml', bytes: '<workbook/>' },
      { name: 'xl/sharedStrings.xml', bytes: `<sst>${strings.slice(0, 60_000_000)}` },
    ]);
    const limits = { ...OPENING_LIMITS, insideBytes: 512 * 1024 * 1024, ratio: 10_000 };
    await expect(openInChild(table, {}, limits)).rejects.toMatchObject({ code: 'TOC_SUBMISSION_CONTAINER' });
  });

  it.each([
    ['read a file', `(await import('node:fs')).readFileSync('/etc/hostname')`],
    ['write a file', `(await import('node:fs')).writeFileSync('${join(tmpdir(), 'tocsin-never')}', 'x')`],
    ['write beside its program', `(await import('node:fs')).writeFileSync('./never', 'x')`],
    ['start a process', `(await import('node:child_process')).execFileSync('/bin/true')`],
    ['start a thread', `new (await import('node:worker_threads')).Worker('0', { eval: true })`],
    ['make code of text', `new Function('return 1')()`],
  ])('may not %s', async (_name, code) => {
    const said = `try { ${code}; console.log('done') } catch (error) { console.log(error.code ?? error.name) }`;
    const [command, args] = childCommand(['--input-type=module', '-e', said]);
    const { stdout } = await run(command, args, { env: {} });
    expect(['ERR_ACCESS_DENIED', 'EvalError']).toContain(stdout.trim());
    expect(existsSync(join(tmpdir(), 'tocsin-never'))).toBe(false);
    expect(readdirSync('.')).not.toContain('never');
  });

  it('leaves nothing of its memory on a disk when it dies, and does not outlive its work', async () => {
    const said = 'console.log(JSON.stringify(process.report.getReport().userLimits))';
    const [command, args] = childCommand(['-e', said]);
    const { stdout } = await run(command, args, { env: {} });
    expect(JSON.parse(stdout)).toMatchObject({
      core_file_size_blocks: { soft: 0, hard: 0 },
      cpu_time_seconds: { soft: 120, hard: 120 },
    });
  });
});
