import { Injectable } from '@nestjs/common';

/** Wakes the workers when there may be something to do, so that nobody waits for the next look. */
@Injectable()
export class Wakers {
  private readonly listeners = new Set<() => void>();

  add(listener: () => void): void {
    this.listeners.add(listener);
  }

  wake(): void {
    for (const listener of this.listeners) listener();
  }
}
