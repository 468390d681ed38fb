import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { KEY_PURPOSES, KEYS_OF_SERVICES } from '#libs/access';
import { loadConfig } from '#libs/runtime';
import { AnswerPrinter } from '../call-exchange/answer-printer.js';
import { ExchangeApi, Refusal } from '../call-exchange/exchange-api.js';
import { CliConfig } from '../config.js';
import { addKeys } from './keys.commands.js';

describe('tocsin keys', () => {
  let folder: string;
  const keys = (): string => join(folder, 'keys');

  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'tocsin-keys-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a command. @returns what it answers; a refusal is thrown */
  async function run(...args: string[]): Promise<Record<string, unknown>> {
    const program = new Command('tocsin').exitOverride();
    const answers: Record<string, unknown>[] = [];
    const printer = Object.assign(new AnswerPrinter(true), {
      answer: (value: Record<string, unknown>) => void answers.push(value),
      guard: (work: () => Promise<void>) => work(),
    });
    addKeys({ program, printer, api: new ExchangeApi(loadConfig(CliConfig, {})) });
    await program.parseAsync(['keys', ...args], { from: 'user' });
    return answers[0] ?? {};
  }

  it('create makes one for every purpose, once', async () => {
    expect(await run('create', keys())).toEqual({ made: [...KEY_PURPOSES] });
    expect(await run('create', keys())).toEqual({ made: [] });
  });

  it.each(KEY_PURPOSES.filter((purpose) => purpose !== 'signal-id'))('rotate adds one for %s', async (purpose) => {
    await run('create', keys());
    const { id } = await run('rotate', purpose, keys());
    expect(readdirSync(join(keys(), purpose))).toHaveLength(2);
    expect(readdirSync(join(keys(), purpose)).sort().at(-1)).toBe(`${String(id)}.key`);
  });

  it('rotate refuses signal-id, from which every id derives, and what is no purpose', async () => {
    await run('create', keys());
    await expect(run('rotate', 'signal-id', keys())).rejects.toThrow(Refusal);
    await expect(run('rotate', 'internal-intake.pub', keys())).rejects.toThrow(Refusal);
    expect(readdirSync(join(keys(), 'signal-id'))).toHaveLength(1);
  });

  it('hand-out gives a service its own, and the relay nothing', async () => {
    await run('create', keys());
    const { files } = await run('hand-out', 'delivery', keys(), join(folder, 'delivery'));
    expect(readdirSync(join(folder, 'delivery')).sort()).toEqual(files);
    expect(files).toHaveLength(KEYS_OF_SERVICES.delivery.length);
    await expect(run('hand-out', 'relay', keys(), join(folder, 'relay'))).rejects.toThrow(Refusal);
  });
});
