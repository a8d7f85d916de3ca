// Teaches Node's own loader the TypeScript of this project,
// decorators included, and what `@jest/globals` means for each run.
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { registerHooks } = require('node:module');
const { join, sep } = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const { transformSync } = require('@swc/core');
const swc = require('@swc/core/package.json');

const root = join(__dirname, '..', '..');
const tests = pathToFileURL(join(root, 'test') + sep).href;
const cache = join(root, 'node_modules', '.cache', 'specs');
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

const options = {
  jsc: {
    target: 'es2023',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: true,
  swcrc: false,
  configFile: false,
};

/** Code and source map of a file, by the hash of its text. */
function compile(path, sources, url) {
  const source = readFileSync(path, 'utf8');
  const hash = createHash('sha1')
    .update(`${swc.version} ${JSON.stringify(options)} ${path}\0${source}`)
    .digest('hex');
  const code = join(cache, `${hash}.js`);
  const map = join(cache, `${hash}.map`);
  if (!existsSync(code)) {
    const compiled = transformSync(source, { ...options, filename: path });
    for (const [file, text] of [
      [map, compiled.map],
      [code, compiled.code],
    ]) {
      writeFileSync(`${file}.${process.pid}`, text);
      renameSync(`${file}.${process.pid}`, file);
    }
  }
  sources.set(url, map);
  return readFileSync(code, 'utf8');
}

/** Registers the hooks and returns where the source map of each loaded address lies. */
function registerTypescript() {
  const sources = new Map();
  mkdirSync(cache, { recursive: true });
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
      return { format: 'module', source: compile(fileURLToPath(plain), sources, url), shortCircuit: true };
    },
  });
  return sources;
}

module.exports = { registerTypescript };
