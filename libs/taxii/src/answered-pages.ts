/** Most bytes of what is kept. */
const MOST_KEPT = 32 * 1024 * 1024;

/** An answer, and what it was true for. */
export interface AnsweredPage {
  /** Everything that it followed from, as text. */
  when: string;
  bytes: Buffer;
  first?: string;
  last?: string;
}

/**
 * Answers of this process by question. Most readers ask the same again and again, until there is something new: as long as
 * everything that an answer followed from is as it was, the answer is.
 */
export class AnsweredPages {
  private readonly kept = new Map<string, AnsweredPage>();
  private size = 0;

  get(question: string): AnsweredPage | undefined {
    return this.kept.get(question);
  }

  keep(question: string, page: AnsweredPage): void {
    this.size += page.bytes.length - (this.kept.get(question)?.bytes.length ?? 0);
    if (this.size > MOST_KEPT) {
      this.kept.clear();
      this.size = page.bytes.length;
    }
    this.kept.set(question, page);
  }
}
