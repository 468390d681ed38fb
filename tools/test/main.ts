import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '#libs/embedded';

/** The three sizes of tests, fastest first. End-to-end specs share one exchange, so they run one after the other. */
const SUITES = [
  { project: 'unit', args: [] },
  { project: 'integration', args: ['--maxWorkers=2'] },
  { project: 'e2e', args: ['--runInBand'] },
] as const;

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numFailedTestSuites: number;
  numRuntimeErrorTestSuites: number;
  testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

const root = repositoryRoot();
const folder = join(root, 'var', 'test');

async function run(project: string, args: readonly string[]): Promise<Results> {
  const file = join(folder, `${project}.results.json`);
  await rm(file, { force: true });
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      jest,
      '--selectProjects',
      project,
      '--passWithNoTests',
      '--json',
      `--outputFile=${file}`,
      ...args,
      ...process.argv.slice(2),
    ],
    { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, JEST_SUITE: project } },
  );
  await new Promise((resolve) => child.once('exit', resolve));
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined)
    return {
      numPassedTests: 0,
      numFailedTests: 1,
      numPendingTests: 0,
      numFailedTestSuites: 1,
      numRuntimeErrorTestSuites: 1,
      testResults: [],
    };
  return JSON.parse(text) as Results;
}

await mkdir(folder, { recursive: true });
let passed = 0;
let failed = 0;
let skipped = 0;
for (const { project, args } of SUITES) {
  const started = Date.now();
  const results = await run(project, args);
  passed += results.numPassedTests;
  skipped += results.numPendingTests;
  // A suite that could not even be loaded has no tests to fail; it counts as one.
  failed += results.numFailedTests + results.numRuntimeErrorTestSuites;
  process.stdout.write(
    `${project}: ${results.numPassedTests} passed, ${results.numFailedTests} failed in ${Math.round((Date.now() - started) / 1000)} s\n`,
  );
  // Whatever a machine lacks is seen, not only counted.
  for (const { status, fullName } of results.testResults.flatMap(({ assertionResults }) => assertionResults))
    if (status === 'pending') process.stdout.write(`  skipped: ${fullName}\n`);
}
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
