import { mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '#libs/embedded';
import { runTocsin, runToEnd, type Ran } from '../command-line.js';
import { CELLULE, COMPLETE, digestOf, ExchangeUnderTest, HARBOUR } from '../exchange-under-test.js';

interface Story {
  id: string;
  kind: string;
  state: string;
  counts: Record<string, number>;
  advisories: { id: string }[];
  holds: { id: string; reason: string }[];
}

describe('the command line', () => {
  let under: ExchangeUnderTest;
  let folder: string;
  beforeAll(async () => {
    under = await ExchangeUnderTest.start('command-line');
    folder = await mkdtemp(join(repositoryRoot(), 'var', 'command-line-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
    await under.stop();
  });

  const addresses = (): Record<string, string> => ({
    TOCSIN_INTAKE_URL: under.exchange.url('intake'),
    TOCSIN_CONSOLE_URL: under.exchange.url('console'),
    TOCSIN_PLATFORM_API_URL: under.exchange.url('platform-api'),
  });
  const officer = (): string => under.exchange.key(HARBOUR, 'officer');
  const operators = (): string[] =>
    under.exchange.file.state.people.filter(({ role }) => role === 'operator').map(({ key }) => key);

  function run(key: string | undefined, ...args: string[]): Promise<Ran> {
    return runTocsin(['--json', ...args], { ...addresses(), TOCSIN_KEY: key ?? '' });
  }

  /** What a command answers that ends well. */
  async function answer<Answer = Story>(key: string | undefined, ...args: string[]): Promise<Answer> {
    const { status, stdout, stderr } = await run(key, ...args);
    expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout });
    return JSON.parse(stdout) as Answer;
  }

  /** A file with these lines. */
  async function list(name: string, ...lines: string[]): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, `${lines.join('\n')}\n`);
    return file;
  }

  const said = (parameters: Readonly<Record<string, string>>): string[] =>
    Object.entries(parameters).flatMap(([name, value]) => [`--${name.replaceAll('_', '-')}`, value]);

  async function atFramehub(value: string, live: boolean): Promise<void> {
    await under.until(async () => (await under.liveValues('Framehub')).has(value) === live, `live: ${live}`);
  }

  test('polls a folder, packs for a guard, and submits what was packed', async () => {
    const drop = join(folder, 'drop');
    await mkdir(drop);
    const value = digestOf('from a folder');
    const packed = digestOf('through a guard');
    await writeFile(join(drop, 'list.txt'), `${value}\n`);
    const long = new Date(Date.now() - 60_000);
    await utimes(join(drop, 'list.txt'), long, long);
    const sources = join(folder, 'sources.json');
    const source = { name: 'drop', kind: 'folder', folder: drop, parameters: COMPLETE };
    await writeFile(sources, JSON.stringify({ state_folder: join(folder, 'state'), sources: [source] }));
    const looked = await answer<{ drop: { receipts: unknown[] } }>(officer(), 'collect', sources, '--once');
    expect(looked.drop.receipts).toHaveLength(1);
    expect(await answer(officer(), 'collect', sources, '--once')).toEqual({ drop: { receipts: [], refused: [] } });
    await atFramehub(value, true);

    const pack = ['pack', await list('packed.txt', packed), '--sender', 'agency.example', ...said(COMPLETE)];
    const { stdout } = await runTocsin(pack, {});
    const guard = join(folder, 'out.guard');
    await writeFile(guard, stdout);
    expect((await runTocsin(['check', guard], {})).status).toBe(0);
    const story = await answer(officer(), 'submit', guard);
    await atFramehub(packed, true);
    const { stdout: receipt } = await runTocsin(['receipt', story.id], { ...addresses(), TOCSIN_KEY: officer() });
    const records = receipt
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(records).toMatchObject([
      { record: 'receipt', state: 'settled' },
      { record: 'advisory' },
      { record: 'end', records: 2 },
    ]);
  });

  test('inspect, preview, submit, status and retract: a list goes out and comes back', async () => {
    const digest = digestOf('by command');
    const file = await list('out.txt', digest, digestOf('with it'), digestOf('and it'), 'this line is no hash');
    const inspected = await answer<{ signals: object[]; rejected: object[] }>(undefined, 'inspect', file);
    expect(inspected.signals).toHaveLength(3);
    expect(inspected.signals[0]).toEqual({ position: 1, type: 'sha256', value: digest });
    expect(inspected.rejected).toHaveLength(1);
    const preview = await answer<{ platforms: number }>(officer(), 'preview', file, ...said(COMPLETE));
    expect(preview.platforms).toBe(4);

    const submit = ['submit', file, '--idempotency-key', 'once', ...said(COMPLETE)];
    const story = await answer(officer(), ...submit);
    expect(story).toMatchObject({ state: 'settled', counts: { asserted: 3, rejected: 1 } });
    expect((await answer(officer(), ...submit)).id).toBe(story.id);
    expect(await answer(officer(), 'status', story.id)).toMatchObject({ id: story.id, state: 'settled' });
    await atFramehub(digest, true);

    const [advisory] = story.advisories;
    const retract = ['retract', advisory?.id ?? '', '--reason', 'issued-in-error', '--idempotency-key', 'back'];
    const retraction = await answer(officer(), ...retract);
    expect(retraction).toMatchObject({ kind: 'retraction', state: 'settled', counts: { asserted: 3 } });
    expect((await answer(officer(), ...retract)).id).toBe(retraction.id);
    await atFramehub(digest, false);
  });

  test('a revision takes back what it no longer says', async () => {
    const [kept, gone] = [digestOf('kept'), digestOf('gone')];
    const story = await answer(officer(), 'submit', await list('one.txt', kept, gone), ...said(COMPLETE));
    await atFramehub(gone, true);
    const file = await list('two.txt', kept);
    expect(await answer(officer(), 'revise', story.advisories[0]?.id ?? '', file, ...said(COMPLETE))).toMatchObject({
      kind: 'revision',
      state: 'settled',
    });
    await atFramehub(gone, false);
    expect(await under.liveValues('Framehub')).toContain(kept);
  });

  test('complete says what a held submission lacked', async () => {
    const digest = digestOf('completed by command');
    const { legal_basis, ...rest } = COMPLETE;
    const held = await answer(officer(), 'submit', await list('later.txt', digest), ...said(rest));
    expect(held).toMatchObject({ state: 'held' });
    expect((await run(officer(), 'complete', held.id)).status).toBe(1);
    expect(await answer(officer(), 'complete', held.id, '--legal-basis', legal_basis ?? '')).toMatchObject({
      id: held.id,
      state: 'settled',
      counts: { asserted: 1 },
    });
    await atFramehub(digest, true);
  });

  test('holds are listed, not released by their submitter, and released by another agency', async () => {
    const url = 'https://www.reuters.com/world/by-command';
    const held = await answer(officer(), 'submit', await list('host.txt', url), ...said(COMPLETE));
    expect(held.state).toBe('held');
    const hold = held.holds[0]?.id ?? '';
    const approver = under.exchange.key(CELLULE, 'approver');
    const { holds } = await answer<{ holds: { id: string }[] }>(approver, 'holds', 'list');
    expect(holds.map(({ id }) => id)).toContain(hold);
    const own = await run(officer(), 'holds', 'release', hold, '--reason', 'mine');
    expect(own.status).toBe(1);
    expect(JSON.parse(own.stdout)).toMatchObject({ code: 'TOC_ACCESS_SECOND_PERSON' });
    await answer(approver, 'holds', 'release', hold, '--reason', 'a re-upload in a comment');
    await under.told(held.id, HARBOUR, ['settled']);
    await atFramehub(url, true);
  });

  test('two operators stop, lift and take an advisory back', async () => {
    const [one, two] = operators();
    const digest = digestOf('during a stop by command');
    const file = await list('stopped.txt', digest);
    const stop = await answer(one, 'stop', '--everything', '--reason', 'an exercise');
    const alone = await run(one, 'confirm', stop.id);
    expect(alone.status).toBe(1);
    expect(JSON.parse(alone.stdout)).toMatchObject({ code: 'TOC_ACCESS_SECOND_PERSON' });
    await answer(two, 'confirm', stop.id);
    const waiting = await answer(officer(), 'submit', file, '--no-follow', ...said(COMPLETE));
    const lift = await answer(two, 'stop', '--lift', stop.id, '--reason', 'it is over');
    expect(await under.liveValues('Framehub')).not.toContain(digest);
    await answer(one, 'confirm', lift.id);
    const story = await answer(officer(), 'status', waiting.id, '--follow');
    expect(story.state).toBe('settled');
    await atFramehub(digest, true);

    const retract = ['retract', story.advisories[0]?.id ?? '', '--reason', 'issued-in-error'];
    const proposal = await answer<{ id: string; action: string; state: string }>(
      one,
      ...retract,
      '--propose',
      'its agency does not answer',
    );
    expect(proposal).toMatchObject({ action: 'retract', state: 'open' });
    await answer(two, 'confirm', proposal.id);
    await atFramehub(digest, false);
  });

  test('two operators undo what one person submitted in a window of time', async () => {
    const [one, two] = operators();
    const [before, within] = [digestOf('before the key was lost'), digestOf('by whoever had the key')];
    const kept = await answer(officer(), 'submit', await list('kept.txt', before), ...said(COMPLETE));
    const from = new Date().toISOString();
    const submitted = await answer(officer(), 'submit', await list('undone.txt', within), ...said(COMPLETE));
    for (const digest of [before, within]) await atFramehub(digest, true);
    const agency = under.exchange.file.state.organisations[HARBOUR] ?? '';
    const undo = ['undo', agency, '--from', from, '--until', new Date(Date.now() + 60_000).toISOString()];
    expect(await answer(one, ...undo)).toMatchObject({ submissions: 1, assertions: 1 });
    const { proposal } = await answer<{ proposal: { id: string } }>(one, ...undo, '--reason', 'the key was lost');
    await answer(two, 'confirm', proposal.id);
    await atFramehub(within, false);
    expect((await answer(officer(), 'status', submitted.id)).state).toBe('refused');
    expect((await answer(officer(), 'status', kept.id)).state).toBe('settled');
    expect(await answer(one, ...undo)).toMatchObject({ submissions: 0, assertions: 0 });
  });

  test('a subscription is named by its platform', async () => {
    const [operator] = operators();
    const admin = under.exchange.key('Framehub', 'admin');
    const { id } = under.exchange.file.state.subscriptions.Framehub ?? {};
    expect(await answer(operator, 'platforms', 'pause', 'Framehub', '--reason', 'asked to')).toMatchObject({
      id,
      state: 'paused',
    });
    const platform = under.exchange.file.state.organisations.Framehub ?? '';
    expect(await answer(admin, 'platforms', 'resume', 'Framehub')).toMatchObject({ id, state: 'active' });
    expect(await answer(admin, 'platforms', 'pause', platform)).toMatchObject({ id, state: 'paused' });
    expect(await answer(admin, 'platforms', 'resume', id ?? '')).toMatchObject({ id, state: 'active' });
    const other = await run(admin, 'platforms', 'pause', 'Streamvale');
    expect(other.status).toBe(1);
    expect(JSON.parse(other.stdout)).toMatchObject({ code: 'TOC_ACCESS_NOT_FOUND' });
  });

  test('a platform previews, looks at attempts, and has rows sent once more', async () => {
    const admin = under.exchange.key('Framehub', 'admin');
    const story = await answer(officer(), 'submit', await list('again.txt', digestOf('again')), ...said(COMPLETE));
    expect(story.state).toBe('settled');
    await atFramehub(digestOf('again'), true);
    type Preview = { channels: { channel: string; rows: number; complete: boolean; types: Record<string, number> }[] };
    const subscribe = ['platforms', 'subscribe', '--connector', 'webhook', '--channels', 'everyone', '--preview'];
    const all = await answer<Preview>(admin, ...subscribe);
    expect(all.channels).toMatchObject([{ channel: 'everyone', complete: true }]);
    expect(all.channels[0]?.rows).toBeGreaterThan(0);
    expect(all.channels[0]?.types.sha256).toBeGreaterThan(0);
    const some = await answer<Preview>(admin, ...subscribe, '--types', 'url', '--ceilings', 'block');
    expect(some.channels[0]?.types.sha256).toBeUndefined();
    type Attempts = { attempts: { id: string; channel: string; outcome: string; records: number; walk: string }[] };
    const { attempts } = await answer<Attempts>(admin, 'attempts', 'Framehub', '--limit', '50');
    const content = attempts.find(({ outcome, walk }) => outcome === 'sent' && walk === 'content');
    expect(content?.records).toBeGreaterThan(0);
    const again = await answer<{ rows: number }>(admin, 'resend', 'Framehub', '--attempt', content?.id ?? '');
    expect(again.rows).toBeGreaterThan(0);
    type Recovered = { recoveries: { walk: string }[] };
    const since = ['recover', 'Framehub', '--since', '2020-01-01T00:00:00Z'];
    const recovered = await answer<Recovered>(operators()[0], ...since);
    expect(recovered.recoveries.some(({ walk }) => walk === 'content')).toBe(true);
    await atFramehub(digestOf('again'), true);
    const status = await answer<{ endpoint: { state: string } }[]>(admin, 'platforms', 'status', 'Framehub');
    expect(status.map(({ endpoint }) => endpoint.state)).toContain('working');
  });

  test('admissions are listed, and a platform is suspended by one and reinstated by two', async () => {
    const [operator, second] = operators();
    type Admissions = { admissions: { name: string; basis: string; standing: string | null; due: boolean }[] };
    const { admissions } = await answer<Admissions>(operator, 'admissions');
    expect(admissions).toContainEqual(
      expect.objectContaining({ name: 'Streamvale', basis: 'decided', standing: 'full', due: false }),
    );
    const platform = under.exchange.file.state.organisations.Streamvale ?? '';
    expect(await answer(operator, 'suspend', platform, '--reason', 'an inquiry')).toMatchObject({ state: 'suspended' });
    const proposal = await answer(operator, 'reinstate', platform, '--reason', 'it is over');
    expect((await run(operator, 'confirm', proposal.id)).status).toBe(1);
    expect(await answer(second, 'confirm', proposal.id)).toMatchObject({ state: 'done' });
  });

  test('nothing is dead, and the doctor finds all well', async () => {
    expect(await answer(operators()[0], 'dead-letters', 'list')).toEqual({ dead_letters: [], unavailable: [] });
    const { findings } = await answer<{ findings: { well: boolean }[] }>(officer(), 'doctor');
    expect(findings.length).toBeGreaterThan(4);
    expect(findings.filter(({ well }) => !well)).toEqual([]);
    const { status, stdout } = await run('no-key', 'doctor');
    expect(status).toBe(1);
    expect((JSON.parse(stdout) as { findings: object[] }).findings).toContainEqual(
      expect.objectContaining({ what: 'key', well: false }),
    );
  });

  test('the first hour of the README runs as printed', async () => {
    const readme = await readFile(join(repositoryRoot(), 'README.md'), 'utf8');
    const blocks = [...readme.matchAll(/```sh\n(.*?)```/gs)].map(([, text]) => text ?? '');
    const hour = blocks.filter((text) => text.includes('tocsin '));
    expect(hour).toHaveLength(3);
    // A checkout with this exchange in the place of the demonstration's.
    await mkdir(join(folder, 'var', 'exchange'), { recursive: true });
    for (const name of ['dist', 'node_modules']) await symlink(join(repositoryRoot(), name), join(folder, name));
    await writeFile(join(folder, 'var', 'exchange', 'state.json'), JSON.stringify(under.exchange.file.state));
    const script = `set -eu\ntrap 'kill $(jobs -p)' EXIT\n${hour.join('\n')}`;
    const { status, stdout, stderr } = await runToEnd('bash', ['-c', script], addresses(), folder);
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/settled {2}advisory, value-list\n {2}items: 1 read, 1 asserted/);
    expect(stdout).toMatch(/settled {2}retraction, .*\n {2}items: 1 read, 1 taken back/);
    expect(stdout).toMatch(/"live":[1-9]/);
    expect(stdout).toMatch(/"type":"row"[^]*\n\{"type":"cursor"/);
  });
});
