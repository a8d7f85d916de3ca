// Coverage is counted by Jest's own runtime, which loads every module again for each test file.
const isCounted = process.argv.some((argument) => argument.startsWith('--coverage'));
const nativeModules = {
  runtime: '<rootDir>/test/native/runtime.cjs',
  testEnvironment: '<rootDir>/test/native/environment.cjs',
};

/** @type {import('jest').Config} */
export default {
  injectGlobals: false,
  ...(isCounted ? { testEnvironment: 'node' } : nativeModules),
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testRegex: '\\.(spec|test)\\.ts$',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', '^docent$': '<rootDir>/src/index.ts' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/test/native/compile-sources.cjs',
  testSequencer: '<rootDir>/test/native/sequencer.cjs',
  setupFiles: ['<rootDir>/test/setup.ts'],
  // opening an embedded database takes seconds, and many where the machine is busy
  testTimeout: 120_000,
  coverageProvider: 'v8',
  coverageDirectory: 'coverage',
  coverageReporters: ['text-summary', 'json-summary'],
  collectCoverageFrom: [
    'src/**/*.ts',
    '!src/**/*.spec.ts',
    '!src/main.ts',
    '!src/app/generate.ts',
    '!src/app/demo/**',
  ],
  coverageThreshold: { global: { lines: 90 } },
};
