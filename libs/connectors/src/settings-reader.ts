import { rejection } from '#libs/domain';

/** Reads settings field by field, gathers what is wrong, and refuses what it was not asked for. */
export class SettingsReader {
  readonly #given: Record<string, unknown>;
  readonly #unread: Set<string>;
  readonly #problems: string[] = [];

  constructor(given: unknown) {
    const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
    this.#given = isObject ? Object.fromEntries(Object.entries(given)) : {};
    this.#unread = new Set(Object.keys(this.#given));
    if (!isObject) this.#problems.push('settings: must be an object');
  }

  /** A field as given; undefined when absent. */
  take(name: string): unknown {
    this.#unread.delete(name);
    return this.#given[name];
  }

  /** Notes a problem of a field. The text says the rule and never the value. */
  problem(name: string, rule: string): void {
    this.#problems.push(`${name}: ${rule}`);
  }

  /** One of the words, or the first of them when absent. */
  word<const Word extends string>(name: string, words: readonly [Word, ...Word[]]): Word {
    const given = this.take(name);
    if (given === undefined) return words[0];
    const word = words.find((candidate) => candidate === given);
    if (word === undefined) this.problem(name, `must be one of ${words.join(', ')}`);
    return word ?? words[0];
  }

  /** A whole number between two bounds, or the fallback when absent. */
  whole(name: string, bounds: { min: number; max: number; otherwise: number }): number {
    const given = this.take(name) ?? bounds.otherwise;
    if (typeof given === 'number' && Number.isInteger(given) && given >= bounds.min && given <= bounds.max)
      return given;
    this.problem(name, `must be a whole number from ${bounds.min} to ${bounds.max}`);
    return bounds.otherwise;
  }

  /**
   * To be called last.
   * @throws a rejection `TOC_CONNECTOR_SETTINGS` whose fact `problems` names each field that is wrong or unknown
   */
  finish(): void {
    const problems = [
      ...this.#problems,
      ...[...this.#unread].sort().map((name) => `${name.slice(0, 60)}: is not known`),
    ];
    if (problems.length === 0) return;
    throw rejection('TOC_CONNECTOR_SETTINGS', `${problems.length} setting(s) are not valid.`, {
      problems: problems.slice(0, 20),
    });
  }
}
