import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { repositoryRoot } from '#libs/embedded';
import { collectionId } from '#libs/stix';
import { TAXII_MEDIA_TYPE } from '#libs/taxii';
import { pythonIn } from '#libs/testing';
import { COMPLETE, ExchangeUnderTest, HARBOUR } from '../exchange-under-test.js';

/** A suite of black-box checks that others wrote. */
const SUITE = resolve('../shared/conformance/taxii21.py');
const PACKAGES = ['requests', 'taxii2-client', 'stix2-validator', 'cytaxii2'];
const run = promisify(execFile);

interface Check {
  check: string;
  level: string;
  result: 'PASS' | 'FAIL' | 'SKIP';
  detail: string;
}

/** TLS ends before the service; there are no collections of other kinds; addresses are given as paths, which cytaxii2 cannot follow. */
const WITHOUT_OBJECT = new Set(['https', 'perm_ro', 'perm_wo', 'perm_del', 'client_cy']);

describe('the TAXII root of an agency', () => {
  let under: ExchangeUnderTest;
  let folder: string;
  beforeAll(async () => {
    under = await ExchangeUnderTest.start('agency-taxii', { intake: { TOCSIN_PUBLIC_URL: '' } });
    folder = await mkdtemp(join(tmpdir(), 'tocsin-python-'));
    const { origin: _, ...defaults } = COMPLETE;
    const id = under.exchange.file.state.organisations[HARBOUR];
    await under.operator().call('PATCH', `/v1/organisations/${id}`, {
      defaults: { ...defaults, origin: 'own-finding' },
      reason: 'They submit by TAXII.',
    });
  }, 600_000);
  afterAll(async () => {
    await under.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('passes every check of a suite of others, by Basic and by bearer', async () => {
    const python = existsSync(SUITE) ? await pythonIn(folder, PACKAGES) : undefined;
    if (!python) {
      process.stderr.write(`skipped: the suite ${SUITE}, or its Python, is not here\n`);
      return;
    }
    const agency = under.exchange.file.state.organisations[HARBOUR] ?? '';
    const key = under.exchange.key(HARBOUR, 'officer');
    for (const [name, credentials] of [
      ['basic', ['--user', key.split('_')[1] ?? '', '--password', key]],
      ['bearer', ['--bearer', key]],
    ] as const) {
      const report = join(folder, `${name}.json`);
      const where = ['--api-root', `${under.exchange.url('intake')}/taxii2/${agency}/`];
      const collection = collectionId(`agency/${agency}`);
      // It says by its status that something failed, and by its report what.
      await run(python, [SUITE, ...where, '--collection', collection, ...credentials, '--json', report]).catch(
        () => undefined,
      );
      const { checks } = JSON.parse(await readFile(report, 'utf8')) as { checks: Check[] };
      const skips = new Set(name === 'bearer' ? ['client_disc'] : []);
      const bad = checks.filter(
        ({ check, result }) =>
          result !== 'PASS' && !(result === 'SKIP' && (WITHOUT_OBJECT.has(check) || skips.has(check))),
      );
      expect(bad).toEqual([]);
      expect(checks.length).toBeGreaterThan(100);
    }
  }, 600_000);

  test('an object that is deleted there is withdrawn everywhere, and only what it said itself', async () => {
    const agency = under.exchange.file.state.organisations[HARBOUR] ?? '';
    const objects = `/taxii2/${agency}/collections/submitted/objects/`;
    const urls = ['one', 'two', 'three'].map((name) => `https://video.example/watch/${name}-${process.pid}`);
    const [one, two, three] = urls.map((url, at) => indicator(`[url:value = '${url}']`, at));
    // Another object of the same advisory says the first one too.
    const again = indicator(`[url:value = '${urls[0]}']`, 3);
    const observable = { type: 'url', id: `url--${randomUUID()}`, value: `https://video.example/seen/${process.pid}` };
    const officer = under.officer();
    const envelope = JSON.stringify({ objects: [one, two, three, again, observable] });
    const { id } = await officer.send<{ id: string }>('POST', objects, envelope, { 'content-type': TAXII_MEDIA_TYPE });
    const status = (): Promise<Record<string, unknown>> => officer.call('GET', `/taxii2/${agency}/status/${id}/`);
    await under.until(async () => (await status())['status'] === 'complete', 'the status complete');
    expect(await status()).toMatchObject({ success_count: 5, failure_count: 0 });
    const state = async (value: string): Promise<string | undefined> => {
      const row = (await under.table('Streamvale')).find(({ record }) => rowsOf.get(value) === record.row_id);
      return row && `${row.state} ${row.record.reason ?? ''}`.trim();
    };
    const rowsOf = new Map<string, string>();
    const all = [...urls, observable.value];
    await under.until(async () => {
      for (const { record } of await under.table('Streamvale'))
        if (record.signal) rowsOf.set(record.signal.value, record.row_id);
      return all.every((value) => rowsOf.has(value));
    }, 'all of them at a platform');
    for (const gone of [one, two, observable]) await officer.call('DELETE', `${objects}${gone?.id}/`);
    await under.until(
      async () =>
        (await state(all[1] ?? '')) === 'withdrawn retracted' && (await state(all[3] ?? '')) === 'withdrawn retracted',
      'the withdrawals',
    );
    expect(await state(all[0] ?? '')).toBe('live');
    expect(await state(all[2] ?? '')).toBe('live');

    // A version that says the same was given in another envelope: nothing of either stays.
    const renewed = { ...three, modified: new Date(Date.UTC(2026, 0, 2)).toISOString() };
    const second = await officer.send<{ id: string }>('POST', objects, JSON.stringify({ objects: [renewed] }), {
      'content-type': TAXII_MEDIA_TYPE,
    });
    await under.until(
      async () => (await officer.call('GET', `/taxii2/${agency}/status/${second.id}/`))['status'] === 'complete',
      'the second status complete',
    );
    await officer.call('DELETE', `${objects}${three?.id}/`);
    await under.until(async () => (await state(all[2] ?? '')) === 'withdrawn retracted', 'the last withdrawal');
  });

  test('is written and read by the program of its page, as it is printed there', async () => {
    const python = await pythonIn(join(folder, 'page'), ['taxii2-client']);
    if (!python) return;
    const page = await readFile(join(repositoryRoot(), 'docs/agency-taxii.md'), 'utf8');
    const program = join(folder, 'submit.py');
    const envelope = join(folder, 'envelope.json');
    await writeFile(program, /```python\n([\s\S]*?)```/.exec(page)?.[1] ?? '');
    const broken = { ...indicator('[nothing', 1), name: 'no pattern' };
    const objects = [indicator(`[url:value = 'https://video.example/page/${process.pid}']`, 0), broken];
    await writeFile(envelope, JSON.stringify({ objects }));
    const agency = under.exchange.file.state.organisations[HARBOUR] ?? '';
    const surroundings = { AGENCY: agency, COLLECTION: collectionId(`agency/${agency}`) };
    const own = { TOCSIN: under.exchange.url('intake'), KEY: under.exchange.key(HARBOUR, 'officer'), ...surroundings };
    const { stdout } = await run(python, [program, envelope], { env: { ...process.env, ...own } });
    expect(stdout).toContain('complete 1 1 0\n');
    expect(stdout).toContain(`failed ${broken.id} TOC_ITEM_PATTERN`);
    for (const { id } of objects) expect(stdout).toContain(`there ${id}\n`);
  }, 600_000);
});

function indicator(pattern: string, second: number): { id: string } {
  const time = new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  return {
    ...{ type: 'indicator', spec_version: '2.1', id: `indicator--${randomUUID()}`, created: time, modified: time },
    ...{ pattern, pattern_type: 'stix', valid_from: time },
  };
}
