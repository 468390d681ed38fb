import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { repositoryRoot } from '#libs/embedded';
import { makeXlsx } from '../../libs/containers/test/make-office.js';
import { attached } from '../../libs/containers/test/opened-in-test.js';
import { runTocsin } from '../command-line.js';
import { COMPLETE, digestOf, ExchangeUnderTest, HARBOUR } from '../exchange-under-test.js';

interface Story {
  id: string;
  state: string;
  format: string;
  counts: Record<string, number>;
  rejected: { position: number; code: string }[];
  contents: { container: string; documents: { name: string; positions: { from: number } }[]; dropped: object[] };
}

describe('containers, from the file to the platform', () => {
  let under: ExchangeUnderTest;
  let folder: string;
  beforeAll(async () => {
    under = await ExchangeUnderTest.start('containers');
    folder = await mkdtemp(join(repositoryRoot(), 'var', 'containers-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await under.stop();
  });

  async function file(name: string, bytes: Buffer): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, bytes);
    return path;
  }

  async function tocsin(...args: string[]): Promise<string> {
    const said = Object.entries(COMPLETE).flatMap(([name, value]) => [`--${name.replaceAll('_', '-')}`, value]);
    const { status, stdout, stderr } = await runTocsin([...args, ...(args.includes('status') ? [] : said)], {
      TOCSIN_INTAKE_URL: under.exchange.url('intake'),
      TOCSIN_CONSOLE_URL: under.exchange.url('console'),
      TOCSIN_KEY: under.exchange.key(HARBOUR, 'officer'),
    });
    expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout });
    return stdout;
  }

  async function submitted(path: string): Promise<Story> {
    return JSON.parse(await tocsin('--json', 'submit', path)) as Story;
  }

  const live = (values: string[]): Promise<void> =>
    under.until(async () => {
      const held = await under.liveValues('Framehub');
      return values.every((value) => held.has(value));
    }, 'live at the platform');

  it('a mail with a table and a picture: words and rows arrive, the picture is named and gone', async () => {
    const digest = digestOf('in a table of a mail');
    const table = makeXlsx({
      hashes: [
        ['sha256', 'note'],
        [digest, 'seen'],
        ['no hash', 'x'],
      ],
    });
    const picture = Buffer.concat([Buffer.from('ffd8ffe000104a46494600', 'hex'), randomBytes(500)]);
    const path = await file(
      'advisory.eml',
      attached(['list.xlsx', 'application/octet-stream', table], ['photo.jpg', 'image/jpeg', picture]),
    );
    const story = await submitted(path);
    expect(story).toMatchObject({ state: 'settled', format: 'opened-container', counts: { asserted: 1, rejected: 1 } });
    expect(story.contents.dropped).toMatchObject([{ name: 'photo.jpg', kind: 'media', bytes: picture.length }]);
    const [, sheet] = story.contents.documents;
    expect(story.rejected).toMatchObject([{ position: (sheet?.positions.from ?? 0) + 2 }]);
    await live([digest]);
    const told = await tocsin('status', story.id);
    expect(told).toContain('list.xlsx › hashes: csv-list');
    expect(told).toContain('dropped: photo.jpg (media');
  });

  it('a spreadsheet alone: it is a table', async () => {
    const digests = [digestOf('one sheet'), digestOf('another row')];
    const story = await submitted(
      await file('list.xlsx', makeXlsx({ hashes: [['sha256', 'note'], ...digests.map((digest) => [digest, 'x'])] })),
    );
    expect(story).toMatchObject({ state: 'settled', format: 'csv-list', counts: { asserted: 2 } });
    await live(digests);
  });

  it('is inspected without asking anybody', async () => {
    const digest = digestOf('inspected');
    const path = await file('inspected.xlsx', makeXlsx({ hashes: [['sha256'], [digest]] }));
    const { status, stdout } = await runTocsin(['--json', 'inspect', path]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      format: 'csv-list',
      contents: { container: 'xlsx' },
      signals: [{ position: 2, type: 'sha256', value: digest }],
    });
  });
});
