// Before the first spec: children that tests start read the compiled sources and cannot write them.
const { globSync } = require('node:fs');
const { join } = require('node:path');
const { compile } = require('./compile.cjs');

const source = join(__dirname, '..', '..', 'src');

module.exports = async function compileSources() {
  for (const file of globSync('{common,config,features,platform}/**/*.ts', { cwd: source }))
    if (!/(?:\.spec|\.d)\.ts$|^features[\\/]console[\\/]app/.test(file)) compile(join(source, file));
};
