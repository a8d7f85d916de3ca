// Joins the compiled program and its packages into a few files:
// a start resolves and reads some ten files in place of 1,500.
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = fileURLToPath(new URL('../dist', import.meta.url));

/**
 * The programs, in groups that share their parts: the service, and the children that read files and run
 * models. Worker threads run their own files, and `index.js` shares Nest with its host.
 */
const groups = [
  ['main', 'app/cli/main', 'app/demo/demo'],
  ['features/parsing/sandbox/child', 'platform/models/child', 'common/seal-process'],
];

/** Packages that find their own files, or native code, beside themselves. */
const external = [
  '@electric-sql/pglite',
  '@electric-sql/pglite-pgvector',
  '@firecrawl/anydoc',
  '@hyzyla/pdfium',
  '@llamaindex/liteparse',
  // loaded for a trace collector only, and from its own files: so a test can see whether it was
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace',
  'onnxruntime-node',
  'pino-pretty',
  'sharp',
  'tesseract.js-core',
  'unpdf',
];

const posix = (path) => path.split(sep).join('/');

/** Our own modules find files relative to the place where they were compiled to. */
const ownPlaces = {
  name: 'own-places',
  transform: {
    order: 'pre',
    handler(code, id) {
      const place = relative(dist, id.split('?')[0]);
      if (place.startsWith('..') || !code.includes('import.meta.url')) return null;
      return {
        code: code.replaceAll('import.meta.url', `new URL(${JSON.stringify(posix(place))}, distFolder).href`),
        map: null,
      };
    },
  },
};

const banner = ({ fileName }) => {
  const up = posix(relative(dirname(fileName), '.')) || '.';
  return [
    `const distFolder = new URL(${JSON.stringify(`${up}/`)}, import.meta.url);`,
    'const { dirname: __dirname, filename: __filename } = import.meta;',
  ].join('\n');
};

for (const programs of groups)
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    plugins: [ownPlaces],
    ssr: { noExternal: true, target: 'node', external },
    build: {
      ssr: true,
      outDir: dist,
      emptyOutDir: false,
      minify: false,
      target: 'node24',
      rolldownOptions: {
        input: Object.fromEntries(programs.map((name) => [name, `${dist}/${name}.js`])),
        output: {
          banner,
          entryFileNames: '[name].js',
          chunkFileNames: 'bundle/[name]-[hash].js',
          keepNames: true,
        },
      },
    },
  });
