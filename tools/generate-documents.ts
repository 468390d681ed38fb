import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { format, resolveConfig } from 'prettier';
import { ERROR_CODES } from '#libs/domain';
import { describeConfig, type ConfigVariable, openApiDocument } from '#libs/runtime';
import { CliConfig } from '../apps/cli/src/config.js';
import { ConsoleConfig } from '../apps/console/src/config.js';
import { OpenExchangeConfig } from '../apps/console/src/open-exchange/config.js';
import { DeliveryConfig } from '../apps/delivery/src/config.js';
import { IntakeConfig } from '../apps/intake/src/config.js';
import { NormaliserConfig } from '../apps/normaliser/src/config.js';
import { PlatformApiConfig } from '../apps/platform-api/src/config.js';
import { RelayConfig } from '../apps/relay/src/config.js';
import { OPENAPI as CONSOLE } from '../apps/console/src/console-service.js';
import { ConsoleModule } from '../apps/console/src/console.module.js';
import { OPENAPI as INTAKE } from '../apps/intake/src/intake-service.js';
import { IntakeModule } from '../apps/intake/src/intake.module.js';
import { OPENAPI as PLATFORM_API } from '../apps/platform-api/src/platform-api-service.js';
import { PlatformApiModule } from '../apps/platform-api/src/platform-api.module.js';

/** Committed documents that follow from the code: path and what writes the text. One line a document. */
const DOCUMENTS: Record<string, () => Promise<string>> = {
  'docs/openapi/console.json': () => openApi(ConsoleModule.routes(), CONSOLE),
  'docs/openapi/intake.json': () => openApi(IntakeModule.routes(), INTAKE),
  'docs/openapi/platform-api.json': () => openApi(PlatformApiModule.routes(), PLATFORM_API),
  'docs/config.md': () => Promise.resolve(configManual()),
  'docs/errors.md': () => Promise.resolve(errorManual()),
};

const CONFIGS: Record<string, new () => object> = {
  'opening an exchange': OpenExchangeConfig,
  console: ConsoleConfig,
  intake: IntakeConfig,
  normaliser: NormaliserConfig,
  relay: RelayConfig,
  delivery: DeliveryConfig,
  'platform-api': PlatformApiConfig,
  'the command line': CliConfig,
};

function defaultOf({ required, kind, default: fallback = '' }: ConfigVariable): string {
  if (required) return '**needed**';
  return kind === 'secret' || fallback === '' ? '' : `\`${fallback}\``;
}

/** Every variable of every service, with its meaning and default. */
function configManual(): string {
  const sections = Object.entries(CONFIGS).map(([name, Config]) => {
    const variables = describeConfig(Config);
    const untold = variables.find(({ meaning }) => meaning === '');
    if (untold) throw new Error(`${untold.name} of ${name} has no meaning.`);
    const rows = variables.map(
      (variable) => `| \`${variable.name}\` | ${variable.meaning} | ${variable.kind} | ${defaultOf(variable)} |`,
    );
    return `## ${name}\n\n| variable | meaning | kind | default |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  return `# Configuration\n\nRead once at the start; what is wrong is named, never its value. Lists are separated by commas.\n\n${sections.join('\n')}`;
}

/** The closed list of error codes with their families. */
function errorManual(): string {
  const verdicts = {
    rejection: 'mend and send again',
    transient: 'the same may succeed later',
    fault: 'ours; quote the instance',
  };
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { family, status, title }]) => `| \`${code}\` | ${family}: ${verdicts[family]} | ${status} | ${title} |`,
  );
  return `# Errors\n\nEvery refusal is a problem document (RFC 9457) with one of these codes.\n\n| code | family | status | meaning |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

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
