import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Refusal } from '../call-exchange/exchange-api.js';
import { inQuery } from '../submit-files/document-upload.js';
import { SOURCE_KINDS } from './source-kinds.js';
import type { SourceSettings } from './source.js';

/** What `tocsin collect` is told. */
export interface CollectSettings {
  /** Where checkpoints are kept. */
  stateFolder: string;
  /** Text file for the collector of a Prometheus node exporter; absent for none. */
  metricsFile?: string;
  sources: SourceSettings[];
}

type Fields = Record<string, unknown>;

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
const KNOWN = ['name', 'kind', 'every_seconds', 'parameters', 'folder', 'url', 'authorization_file'];
const LEAST_SECONDS = 5;
const USUAL_SECONDS = 300;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function refuse(what: string): never {
  throw new Refusal({ status: 0, code: 'TOC_REQUEST_PARAMETER', detail: `The sources file is not valid: ${what}.` });
}

async function readSource(given: unknown, base: string): Promise<SourceSettings> {
  if (!isFields(given)) refuse('each source is an object');
  const { name, kind, every_seconds: every = USUAL_SECONDS, parameters = {} } = given;
  if (typeof name !== 'string' || !NAME.test(name)) refuse('name: lower-case letters, digits and hyphens');
  const strange = Object.keys(given).find((key) => !KNOWN.includes(key));
  if (strange !== undefined) refuse(`${name}: ${strange.slice(0, 60)} is not known`);
  const source = SOURCE_KINDS.get(String(kind));
  if (!source) refuse(`${name}: kind is one of ${[...SOURCE_KINDS.keys()].join(', ')}`);
  if (typeof every !== 'number' || !(every >= LEAST_SECONDS))
    refuse(`${name}: every_seconds is at least ${LEAST_SECONDS}`);
  if (!isFields(parameters)) refuse(`${name}: parameters is an object`);
  for (const needed of source.needs) if (typeof given[needed] !== 'string') refuse(`${name}: ${needed} is missing`);
  const { folder, url, authorization_file: file } = given;
  if (typeof url === 'string' && !/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
    refuse(`${name}: url is no address`);
  return {
    name,
    kind: source.kind,
    every_seconds: every,
    parameters: inQuery(parameters),
    ...(typeof folder === 'string' ? { folder: resolve(base, folder) } : {}),
    ...(typeof url === 'string' ? { url } : {}),
    ...(typeof file === 'string' ? { authorization: await secretIn(resolve(base, file)) } : {}),
  };
}

async function secretIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => refuse(`${file} cannot be read`));
  return text.split('\n')[0]?.trim() ?? '';
}

/** Reads the sources file; paths in it are beside it. @throws Refusal */
export async function readSources(file: string): Promise<CollectSettings> {
  const text = await readFile(file, 'utf8').catch(() => refuse(`${file} cannot be read`));
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    refuse('it is no JSON');
  }
  if (!isFields(given) || !Array.isArray(given.sources) || given.sources.length === 0) refuse('sources: a list');
  const base = dirname(resolve(file));
  const { state_folder: state, metrics_file: metrics } = given;
  if (typeof state !== 'string') refuse('state_folder: a folder for checkpoints');
  const sources = await Promise.all(given.sources.map((each) => readSource(each, base)));
  if (new Set(sources.map(({ name }) => name)).size < sources.length) refuse('two sources have the same name');
  return {
    stateFolder: resolve(base, state),
    ...(typeof metrics === 'string' ? { metricsFile: resolve(base, metrics) } : {}),
    sources,
  };
}
