import { runService } from '#libs/runtime';
import { NormaliserConfig } from './config.js';
import { defineNormaliser } from './normaliser-service.js';

await runService('normaliser', NormaliserConfig, (parts) => defineNormaliser(parts));
