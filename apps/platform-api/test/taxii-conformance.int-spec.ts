import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { collectionId } from '#libs/stix';
import { liveRow, pythonIn, rowIds } from '#libs/testing';
import { PlatformRig } from './platform-rig.js';

/** A suite of black-box checks that others wrote; it needs Python with some packages. */
const SUITE = resolve('../shared/conformance/taxii21.py');
const PACKAGES = ['requests', 'taxii2-client', 'stix2-validator'];
const run = promisify(execFile);

interface Check {
  check: string;
  level: string;
  result: 'PASS' | 'FAIL' | 'SKIP';
  detail: string;
}

/** Checks that need a collection which can be written: each adds objects, or looks at those that another one added. */
const OF_WRITING = new Set([
  ...['add', 'status_props', 'status_ts', 'status_get', 'status_counts', 'status_details', 'status_empty', 'add_more'],
  ...['add_dup', 'add_dup_status', 'add_dup2', 'ct_nover', 'ct_space', 'ct_text', 'bad_json', 'bad_env', 'bad_obj'],
  ...['bad_stix', 'too_big', 'not_too_big', 'objects', 'obj_hdr', 'obj_hdr_ts', 'roundtrip', 'valid', 'order'],
  ...['hdr_vals', 'limit', 'limit_all', 'limit_eq', 'paging', 'paging_order', 'paging_filter', 'next_retry', 'aa_excl'],
  ...['aa_end', 'aa_micro', 'm_id', 'm_type', 'm_and', 'v_def', 'v_kw', 'v_val', 'v_created', 'sv', 'obj1', 'obj1_v'],
  ...['vers', 'vers_lit', 'vers_created', 'vers_lim', 'man', 'man_props', 'man_mt', 'man_order', 'man_filter'],
  ...['man_limit', 'client', 'del_v', 'dele', 'del_404', 'del_gone'],
  // What may not be deleted is refused whether it is there or not.
  'del_unknown',
]);
/** Checks that have nothing to look at here: no write-only collection, no cytaxii2, TLS ends before the service. */
const WITHOUT_OBJECT = new Set(['perm_wo', 'perm_del', 'client_cy', 'https']);

describe('TAXII as others check it', () => {
  let rig: PlatformRig;
  let folder: string;

  beforeAll(async () => {
    rig = await PlatformRig.start();
    folder = await mkdtemp(join(tmpdir(), 'tocsin-python-'));
  }, 600_000);

  afterAll(async () => {
    await rig.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('every check that applies to a collection which can only be read passes, by Basic and by bearer', async () => {
    const python = existsSync(SUITE) ? await pythonIn(folder, PACKAGES) : undefined;
    if (!python) {
      process.stderr.write(`skipped: the suite ${SUITE}, or its Python, is not here\n`);
      return;
    }
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    await rig.write(
      channel,
      rowIds(12).map((row) => liveRow(channel, row)),
    );
    const [, user = ''] = platform.key.split('_');
    for (const [name, credentials] of [
      ['basic', ['--user', user, '--password', platform.key]],
      ['bearer', ['--bearer', platform.key]],
    ] as const) {
      const report = join(folder, `${name}.json`);
      const collection = collectionId(channel);
      const where = ['--api-root', `${rig.url}/taxii2/channels/`, '--collection', collection, '--ro', collection];
      // It ends with an error, since nothing can be written.
      await run(python, [SUITE, ...where, ...credentials, '--json', report]).catch(() => undefined);
      const { checks } = JSON.parse(await readFile(report, 'utf8')) as { checks: Check[] };
      const applying = checks.filter(({ check }) => !OF_WRITING.has(check) && !WITHOUT_OBJECT.has(check));
      const skips = new Set(name === 'bearer' ? ['client_disc'] : []);
      expect(
        applying.filter(({ check, result }) => result !== 'PASS' && !(result === 'SKIP' && skips.has(check))),
      ).toEqual([]);
      expect(applying.length).toBeGreaterThan(40);
    }
  }, 600_000);
});
