// Teaches Node's own loader the TypeScript of this project,
// decorators included, and what `@jest/globals` means for each run.
const { registerHooks } = require('node:module');
const { join, sep } = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { compile } = require('./compile.cjs');

const root = join(__dirname, '..', '..');
const tests = pathToFileURL(join(root, 'test') + sep).href;
const globalNames = [
  'afterAll',
  'afterEach',
  'beforeAll',
  'beforeEach',
  'describe',
  'expect',
  'it',
  'jest',
  'test',
];

/** Registers the hooks and returns where the source map of each loaded address lies. */
function registerTypescript() {
  const sources = new Map();
  registerHooks({
    resolve(specifier, context, next) {
      const run = /[?&]run=(\d+)/.exec(context.parentURL ?? '')?.[1];
      if (specifier === '@jest/globals' && run) return { url: `specs:${run}`, shortCircuit: true };
      if (specifier === 'docent') return next(pathToFileURL(join(root, 'src', 'index.ts')).href, context);
      const ofTypescript = /\.tsx?(\?|$)/.test(context.parentURL ?? '');
      const isSource = ofTypescript && /^\.{1,2}\/.*\.js$/.test(specifier);
      const found = next(isSource ? `${specifier.slice(0, -2)}ts` : specifier, context);
      return run && found.url.startsWith(tests) ? { ...found, url: `${found.url}?run=${run}` } : found;
    },
    load(url, context, next) {
      if (url.startsWith('specs:')) {
        const place = `globalThis[Symbol.for('docent.specs')].globals.get('${url.slice('specs:'.length)}')`;
        const source = `export const { ${globalNames.join(', ')} } = ${place};`;
        return { format: 'module', source, shortCircuit: true };
      }
      const [plain] = url.split('?');
      if (!plain.endsWith('.ts') || plain.includes('/node_modules/')) return next(url, context);
      const { code, map } = compile(fileURLToPath(plain));
      sources.set(url, map);
      return { format: 'module', source: code, shortCircuit: true };
    },
  });
  return sources;
}

module.exports = { registerTypescript };
