// Starts PostgreSQL and Kafka once for all integration and end-to-end specs of a Jest run.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export default async function setUp() {
  // Built once and before every spec: services and threads run from there, and a build beside them would pull it from under their feet.
  const sources = ['apps', 'libs', 'tools', 'test'];
  execFileSync(process.execPath, ['node_modules/@swc/cli/bin/swc.js', ...sources, '--out-dir', 'dist', '--quiet'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const { javaCommand, kafkaJarsDir } = await import('../dist/libs/embedded/src/index.js');
  const { startSharedInfrastructure } = await import('../dist/libs/testing/src/shared-infrastructure.js');
  globalThis.stopSharedInfrastructure = await startSharedInfrastructure({
    jarsDir: kafkaJarsDir(process.env.TOCSIN_CACHE_DIR, root),
    java: javaCommand(process.env.JAVA_HOME),
    log: (sentence) => process.stderr.write(`${sentence}\n`),
  });
}
