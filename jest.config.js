// Three sizes: unit (beside the source, nothing real), integration (real PostgreSQL and Kafka), invariants (the whole stack).
const shared = {
  transform: { '^.+\\.ts$': '@swc/jest' },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^#libs/access/threads$': '<rootDir>/libs/access/src/threads.ts',
    '^#libs/([a-z]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/var/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/var/'],
};

const withInfrastructure = {
  ...shared,
  globalSetup: '<rootDir>/tools/jest-infrastructure-setup.mjs',
  globalTeardown: '<rootDir>/tools/jest-infrastructure-teardown.mjs',
};

export default {
  projects: [
    { ...shared, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs,tools,test}/**/*.spec.ts'] },
    {
      ...withInfrastructure,
      displayName: 'integration',
      testMatch: ['<rootDir>/{apps,libs,test,tools}/**/*.int-spec.ts'],
    },
    // Each of these starts a whole exchange of its own.
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/test/**/*.e2e-spec.ts'] },
  ],
  testTimeout: 120000,
  // All cores; and a process never lets go of the ES modules of specs it has run.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '400MB',
};
