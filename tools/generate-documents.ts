import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { format, resolveConfig } from 'prettier';
import { openApiDocument } from '#libs/runtime';
import { OPENAPI as CONSOLE } from '../apps/console/src/console-service.js';
import { ConsoleModule } from '../apps/console/src/console.module.js';
import { OPENAPI as INTAKE } from '../apps/intake/src/intake-service.js';
import { IntakeModule } from '../apps/intake/src/intake.module.js';

/** Committed documents that follow from the code: path and what writes the text. One line a document. */
const DOCUMENTS: Record<string, () => Promise<string>> = {
  'docs/openapi/console.json': () => openApi(ConsoleModule.routes(), CONSOLE),
  'docs/openapi/intake.json': () => openApi(IntakeModule.routes(), INTAKE),
};

/** Nothing of the module is made or connected; its routes are only looked at. */
async function openApi(routes: DynamicModule, about: { title: string; description: string }): Promise<string> {
  const app = await NestFactory.create(routes, { preview: true, logger: false, abortOnError: false });
  return JSON.stringify(openApiDocument(app, about));
}

/** The text as the repository keeps it. */
async function render(path: string, write: () => Promise<string>): Promise<string> {
  return format(await write(), { ...(await resolveConfig(path)), filepath: path });
}

const check = process.argv.includes('--check');
const stale: string[] = [];
for (const [path, write] of Object.entries(DOCUMENTS)) {
  const text = await render(path, write);
  if (text === (await readFile(path, 'utf8').catch(() => ''))) continue;
  stale.push(path);
  if (check) continue;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
if (stale.length > 0) process.stdout.write(`${check ? 'Out of date' : 'Written'}: ${stale.join(', ')}\n`);
if (check && stale.length > 0) {
  process.stderr.write('Run: npm run build && node dist/tools/generate-documents.js\n');
  process.exitCode = 1;
}
