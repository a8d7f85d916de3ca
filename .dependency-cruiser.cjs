/** The dependency rule of ARCHITECTURE.md, checked by `npm run deps`. */
const feature = (name) => `^src/features/${name}/`;
const allowedBetweenFeatures = {
  ingestion: ['documents', 'parsing'],
  documents: ['parsing'],
  answers: ['search'],
  pages: ['documents', 'ingestion', 'parsing'],
  summaries: ['ingestion', 'documents', 'answers'],
  agent: ['search', 'documents', 'answers', 'summaries'],
  watch: ['documents', 'parsing'],
  sources: ['documents', 'parsing'],
  mcp: ['answers', 'documents', 'summaries'],
  'openai-api': ['answers', 'documents'],
};
// a controller or gateway knows who asks, and that a request may be a repeated one
const everyone = ['auth', 'idempotency'];
const names = [
  'agent',
  'answers',
  'auth',
  'console',
  'documents',
  'health',
  'idempotency',
  'ingestion',
  'mcp',
  'openai-api',
  'operations',
  'pages',
  'parsing',
  'realtime',
  'search',
  'sources',
  'spaces',
  'summaries',
  'tasks',
  'watch',
  'webhooks',
];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nobody-imports-app',
      severity: 'error',
      from: { path: '^src/(common|config|platform|features)/' },
      to: { path: '^src/(app|main)' },
    },
    {
      name: 'common-and-config-import-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/common/', pathNot: '\\.spec\\.ts$' },
      to: { path: '^src/(?!common/)' },
    },
    {
      name: 'config-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^src/config/' },
      to: { path: '^src/(?!config/|common/errors|common/text/spelling)' },
    },
    {
      name: 'platform-imports-no-feature',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: '^src/features/' },
    },
    {
      name: 'features-import-ports-never-drivers',
      severity: 'error',
      from: { path: '^src/features/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^src/platform/[^/]+/(pg|pglite|pglite-worker|supabase|local|azure|s3|bull|bullmq|embedded|memory|redis|openai|offline|none|http)\\.ts$',
      },
    },
    {
      name: 'nobody-imports-main',
      comment: 'main.ts is only an entry point: importing it would start a process.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'features-declare-their-own-controllers',
      comment: 'A controller belongs to a module of its feature; the app lists modules.',
      severity: 'error',
      from: { path: '^src/app/' },
      to: { path: '^src/features/.+\\.controller\\.ts$' },
    },
    {
      name: 'parser-child-reaches-no-platform',
      severity: 'error',
      from: { path: '^src/features/parsing/(sandbox/child|parsers/)' },
      to: { path: '^src/(platform|config|app)/', reachable: true },
    },
    ...names.map((name) => ({
      name: `feature-${name}-imports-only-what-it-may`,
      severity: 'error',
      from: { path: feature(name), pathNot: '\\.spec\\.ts$' },
      to: {
        path: `^src/features/(?!(${[name, ...everyone, ...(allowedBetweenFeatures[name] ?? [])].join('|')})/)`,
      },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
