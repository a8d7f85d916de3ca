// Compiles the TypeScript of this project, decorators included, and keeps the results between runs.
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { version } = require('@swc/core/package.json');

const cache = join(__dirname, '..', '..', 'node_modules', '.cache', 'specs');

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
const kind = `${version} ${JSON.stringify(options)}`;

function write(file, text) {
  writeFileSync(`${file}.${process.pid}`, text);
  renameSync(`${file}.${process.pid}`, file);
}

/**
 * The JavaScript of a file and the path of its source map. A process that may not write to the cache, such as
 * a parser child, compiles a changed file each time that it loads it.
 */
function compile(path) {
  const source = readFileSync(path, 'utf8');
  const hash = createHash('sha1').update(`${kind} ${path}\0${source}`).digest('hex');
  const file = join(cache, `${hash}.js`);
  const map = join(cache, `${hash}.map`);
  if (existsSync(file)) return { code: readFileSync(file, 'utf8'), map };
  // takes long to load, and most runs find everything in the cache
  const { transformSync } = require('@swc/core');
  const compiled = transformSync(source, { ...options, filename: path });
  try {
    mkdirSync(cache, { recursive: true });
    write(map, compiled.map);
    write(file, compiled.code);
  } catch (error) {
    if (error.code !== 'ERR_ACCESS_DENIED') throw error;
  }
  return { code: compiled.code, map };
}

module.exports = { compile };
