import { runService } from '#libs/runtime';
import { ConsoleConfig } from './config.js';
import { defineConsole } from './console-service.js';

await runService('console', ConsoleConfig, defineConsole);
