import { runService } from '#libs/runtime';
import { RelayConfig } from './config.js';
import { defineRelay } from './relay-service.js';

await runService('relay', RelayConfig, defineRelay);
