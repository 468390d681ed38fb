import { runService } from '#libs/runtime';
import { IntakeConfig } from './config.js';
import { defineIntake } from './intake-service.js';

await runService('intake', IntakeConfig, defineIntake);
