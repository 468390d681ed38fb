const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

interface Failing {
  failures: number;
  /** When it may be tried again, in milliseconds since 1970. */
  tryAt: number;
}

/** Topics that Kafka did not take records for, each with a pause of its own that doubles up to a minute. */
export class FailingTopics {
  private readonly topics = new Map<string, Failing>();

  /** All of them, whether or not they may be tried now. */
  get all(): string[] {
    return [...this.topics.keys()];
  }

  failed(topic: string, now: number): void {
    const failures = (this.topics.get(topic)?.failures ?? 0) + 1;
    const tryAt = now + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
    this.topics.set(topic, { failures, tryAt });
  }

  /** It works again, or nothing is left to publish to it. */
  forget(topic: string): void {
    this.topics.delete(topic);
  }

  /** The topic to try now: the one that has been due for longest; undefined when none is due. */
  due(now: number): string | undefined {
    const due = [...this.topics].filter(([, { tryAt }]) => tryAt <= now);
    return due.sort(([, a], [, b]) => a.tryAt - b.tryAt)[0]?.[0];
  }
}
