import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, repositoryRoot, startTethered, type TetheredProcess } from '#libs/embedded';
import type { IntakeRig } from './intake-rig.js';

/** Intake as it runs in earnest: a process of its own, from the build. */
export class IntakeProcess {
  private constructor(
    readonly url: string,
    readonly child: TetheredProcess,
  ) {}

  static async start(rig: IntakeRig, more: Record<string, string> = {}): Promise<IntakeProcess> {
    const [port, opsPort] = [await freePort(), await freePort()];
    const logFile = join(rig.keysDir, 'intake.log');
    const child = await startTethered({
      command: process.execPath,
      args: [join(repositoryRoot(), 'dist/apps/intake/src/main.js')],
      logFile,
      environment: {
        PATH: process.env.PATH,
        TOCSIN_ENVIRONMENT: 'test',
        TOCSIN_DATABASE_URL: rig.testDatabase.url,
        TOCSIN_KEYS_DIR: rig.keysDir,
        TOCSIN_NORMALISER_URL: rig.normaliser.url,
        TOCSIN_PLATFORM_API_URL: rig.normaliser.url,
        TOCSIN_PORT: String(port),
        TOCSIN_OPS_PORT: String(opsPort),
        ...more,
      },
    });
    for (let tries = 0; tries < 200; tries += 1) {
      if (child.end()) break;
      const ready = await fetch(`http://127.0.0.1:${opsPort}/readyz`).catch(() => undefined);
      if (ready?.ok) return new IntakeProcess(`http://127.0.0.1:${port}`, child);
      await sleep(50);
    }
    await child.stop();
    throw new Error(`intake did not start: ${await readFile(logFile, 'utf8')}`);
  }

  /** Most memory that was resident at once, in MiB. */
  async peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  }
}
