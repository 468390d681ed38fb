import { Command } from 'commander';
import { AnswerPrinter } from '../call-exchange/answer-printer.js';
import type { Tool } from '../call-exchange/tool.js';
import { addStatus } from './status.command.js';

/** The exit status that the command leaves, when intake tells of a submission in this state. */
async function statusLeft(state: string, ...options: string[]): Promise<unknown> {
  const story = { id: 'a', kind: 'advisory', format: 'value-list', state };
  const api = { intake: () => Promise.resolve(story) } as unknown as Tool['api'];
  const program = new Command('tocsin');
  const before = process.exitCode;
  process.exitCode = undefined;
  try {
    addStatus({ program, api, printer: new AnswerPrinter(true) });
    await program.parseAsync(['status', 'a', ...options], { from: 'user' });
    return process.exitCode;
  } finally {
    process.exitCode = before;
  }
}

describe('tocsin status --follow', () => {
  it.each(['refused', 'failed'])('leaves status 1 for a %s submission', async (state) => {
    expect(await statusLeft(state, '--follow')).toBe(1);
  });

  it.each(['settled', 'held'])('leaves status 0 for a %s submission', async (state) => {
    expect(await statusLeft(state, '--follow')).toBeUndefined();
  });

  it('tells a failed submission without failing when it does not follow', async () => {
    expect(await statusLeft('failed')).toBeUndefined();
  });
});
