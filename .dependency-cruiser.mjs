import { readFileSync } from 'node:fs';

// The table "lib → may import" is the only source of these rules. Apps may import any lib, never one another.
const MAY_IMPORT = {
  domain: [],
  events: ['domain'],
  runtime: ['domain'],
  formats: ['domain'],
  safeguards: ['domain'],
  stix: ['domain', 'events'],
  taxii: ['domain', 'runtime'],
  containers: ['domain', 'formats'],
  connectors: ['domain', 'events'],
  egress: ['domain', 'connectors'],
  persistence: ['domain', 'runtime'],
  feed: ['domain', 'events', 'connectors', 'persistence', 'messaging'],
  messaging: ['domain', 'events', 'runtime'],
  access: ['domain', 'runtime', 'persistence'],
  embedded: ['domain'],
  conformance: [],
};
const LIBS = [...Object.keys(MAY_IMPORT), 'testing'];
const SPECS = '\\.(spec|int-spec|e2e-spec)\\.ts$|/test/|^libs/testing/|^test/|^tools/';
const IO_MODULES = '^(node:)?(fs|fs/promises|http|https|http2|net|tls|dgram|child_process|worker_threads|cluster)$';

/** Folders of formats and connectors, as their registries name them: a new one is held to the rule by being registered. */
const EXTENSIONS = ['formats', 'connectors'].flatMap((lib) =>
  [
    ...readFileSync(new URL(`libs/${lib}/src/registry.ts`, import.meta.url), 'utf8').matchAll(
      /from '\.\/([a-z0-9-]+)\//g,
    ),
  ].map(([, folder]) => folder),
);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycle',
      severity: 'error',
      comment: 'A cycle cannot be understood one file at a time.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-app-to-app',
      severity: 'error',
      comment: 'Apps meet on topics and internal interfaces, never in code.',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'no-lib-to-app',
      severity: 'error',
      comment: 'Libs are nouns; they know no app.',
      from: { path: '^libs/', pathNot: SPECS },
      to: { path: '^(apps|tools)/' },
    },
    {
      name: 'public-entry-only',
      severity: 'error',
      comment: 'A lib has one door, its index.ts.',
      from: { path: '^(apps|libs|tools|test)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/(?!index\\.ts$)', pathNot: '^$1/$2/' },
    },
    {
      name: 'extension-siblings-are-strangers',
      severity: 'error',
      comment: 'A format or connector can be added or removed without looking at the others.',
      from: {
        path: `^libs/(formats|connectors)/src/(${EXTENSIONS.join('|')})/`,
      },
      to: {
        path: `^libs/(formats|connectors)/src/(${EXTENSIONS.join('|')})/`,
        pathNot: '^libs/$1/src/$2/',
      },
    },
    {
      name: 'containers-are-strangers',
      severity: 'error',
      comment: 'A container can be added or removed without looking at the others.',
      from: { path: '^libs/containers/src/(email|html|xlsx|docx|pdf|zip|gzip)/' },
      to: { path: '^libs/containers/src/(email|html|xlsx|docx|pdf|zip|gzip)/', pathNot: '^libs/containers/src/$1/' },
    },
    {
      name: 'containers-ask-nobody',
      severity: 'error',
      comment: 'What opens the files of strangers has no network, no files, and starts nothing.',
      from: { path: '^libs/containers/src/', pathNot: `${SPECS}|^libs/containers/src/child/open-in-child` },
      to: { path: IO_MODULES },
    },
    {
      name: 'testing-only-in-specs',
      severity: 'error',
      comment: 'What helps tests must not be shipped.',
      from: { pathNot: SPECS },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'domain-is-plain-typescript',
      severity: 'error',
      comment: 'The domain decides; it touches nothing.',
      from: { path: '^libs/(domain|formats|safeguards|stix|taxii)/src/', pathNot: SPECS },
      to: { path: IO_MODULES },
    },
    {
      name: 'connectors-borrow-their-io',
      severity: 'error',
      comment: 'Clock, network and secrets come through the ConnectorContext, so that egress is guarded in one place.',
      from: { path: '^libs/connectors/src/', pathNot: SPECS },
      to: { path: `${IO_MODULES}|undici|kafkajs` },
    },
    ...Object.entries(MAY_IMPORT).map(([lib, allowed]) => ({
      name: `layer-${lib}`,
      severity: 'error',
      comment: `${lib} may import ${allowed.join(', ') || 'no other lib'}.`,
      from: { path: `^libs/${lib}/`, pathNot: SPECS },
      to: { path: `^libs/(${LIBS.filter((other) => other !== lib && !allowed.includes(other)).join('|')})/` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|var)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default', 'types'] },
  },
};
