/** Whether this process is alive, and whether it is ready for work. */
export class Health {
  private started = false;
  private draining = false;
  private readonly checks = new Map<string, () => Promise<unknown>>();

  /** A check that throws makes the process not ready, for as long as it throws. */
  addReadiness(name: string, check: () => Promise<unknown>): void {
    this.checks.set(name, check);
  }

  markStarted(): void {
    this.started = true;
  }

  markDraining(): void {
    this.draining = true;
  }

  /** @returns names of what is not ready, with no details: the place is not authenticated */
  async notReady(): Promise<string[]> {
    if (!this.started) return ['starting'];
    if (this.draining) return ['draining'];
    const names: string[] = [];
    await Promise.all(
      [...this.checks].map(async ([name, check]) => {
        const limit = AbortSignal.timeout(CHECK_LIMIT_MS);
        const tooLong = new Promise<never>((_, reject) =>
          limit.addEventListener('abort', () => reject(new Error('too long'))),
        );
        await Promise.race([check(), tooLong]).catch(() => names.push(name));
      }),
    );
    return names.sort();
  }
}

const CHECK_LIMIT_MS = 3000;
