#!/usr/bin/env node
// Gets a fresh checkout ready (packages, build) and runs one of the tools under the pinned Node. Needs no packages itself.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [tool, ...rest] = process.argv.slice(2);
const TOOLS = { demo: 'demo', stack: 'stack', bench: 'bench', test: 'test', 'prove-reach': 'prove-reach' };
const NEEDED_MIB = { install: 1200, run: 1500 };

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}

function say(sentence) {
  process.stderr.write(`${sentence}\n`);
}

function succeeds(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function checkMachine() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    fail(`Node ${process.versions.node} is too old: install Node 20 or newer, then try again.`);
  }
  const { bavail, bsize } = statfsSync(root);
  const free = Math.floor((bavail * bsize) / 1024 ** 2);
  const needed = NEEDED_MIB.run + (isInstalled() ? 0 : NEEDED_MIB.install);
  if (free < needed)
    fail(`There are only ${free} MiB free where the project is; ${needed} MiB are needed: make room, then try again.`);
}

const marker = join(root, 'node_modules', '.installed-from');

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
}

function isInstalled() {
  return existsSync(marker) && readFileSync(marker, 'utf8') === lockDigest();
}

function install() {
  if (isInstalled()) return;
  say('Installing the packages (a minute or two, once)…');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0)
    fail('npm ci did not succeed: look at its message above; most often the package registry cannot be reached.');
  writeFileSync(marker, lockDigest());
}

function build() {
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/@swc/cli/bin/swc.js'), 'apps', 'libs', 'tools', 'test', '--out-dir', 'dist', '--quiet'],
    {
      cwd: root,
      stdio: ['ignore', 2, 2],
    },
  );
  if (status !== 0) fail('The build did not succeed: look at its message above.');
}

if (!Object.hasOwn(TOOLS, tool)) fail(`usage: node tools/run.mjs ${Object.keys(TOOLS).join('|')} [options]`);
mkdirSync(join(root, 'var'), { recursive: true });
checkMachine();
if (!succeeds('java', ['-version']) && !process.env.JAVA_HOME) {
  fail(
    'Java is missing: Kafka needs Java 17 or newer. Install it (on Debian: apt-get install openjdk-17-jre-headless), then try again.',
  );
}
install();
build();
const node = join(root, 'node_modules/node/bin/node');
const child = spawn(
  existsSync(node) ? node : process.execPath,
  ['--no-warnings=ExperimentalWarning', join(root, 'dist/tools', TOOLS[tool], 'main.js'), ...rest],
  {
    cwd: root,
    stdio: 'inherit',
  },
);
// The terminal sends Ctrl-C to both; the child decides when everything is stopped.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
// npm passes a signal to the shell between it and this program, which dies of it without a word.
const parent = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === parent || !process.env.npm_lifecycle_event) return;
  clearInterval(watch);
  child.kill('SIGTERM');
}, 1000).unref();
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
