import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { repositoryRoot } from '#libs/embedded';
import type { Exchange } from './exchange.js';

/** Delivery as a process of its own, killed at the end of the spec at the latest. */
export class DeliveryProcess {
  private constructor(private readonly child: ChildProcess) {}

  static start(exchange: Exchange, more: Record<string, string> = {}): DeliveryProcess {
    const child = spawn(process.execPath, ['dist/apps/delivery/src/main.js'], {
      cwd: repositoryRoot(),
      env: { PATH: process.env.PATH, ...exchange.environment(more) },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const process_ = new DeliveryProcess(child);
    exchange.onClose(() => process_.end('SIGKILL'));
    return process_;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Resolves with the signal that ended it, or its status. */
  async ended(): Promise<string | number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.signalCode ?? this.child.exitCode;
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<string | number | null> {
    this.child.kill(signal);
    return this.ended();
  }
}
