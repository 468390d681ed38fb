import type { Command } from 'commander';
import type { AnswerPrinter } from './answer-printer.js';
import type { ExchangeApi } from './exchange-api.js';

/** What every command is given. */
export interface Tool {
  program: Command;
  api: ExchangeApi;
  printer: AnswerPrinter;
}
