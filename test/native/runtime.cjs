// Jest builds a virtual machine for each test file and loads every module into it again. A spec that boots
// the service loads about a thousand modules so, which takes longer than the tests themselves. This runtime
// lets Node load the modules of a worker once: spec files and the files in test/ are loaded for each run,
// everything else is shared by the specs that a worker runs. The
// rest of Jest (timeouts, hooks, matchers, reports) stays as it is.
const { enableCompileCache } = require('node:module');
const { join } = require('node:path');
const { pathToFileURL } = require('node:url');
const { default: JestRuntime } = require('jest-runtime');
const { registerTypescript } = require('./typescript.cjs');

// compiled modules are kept between runs: a tenth of the processor time of a spec that boots the service
enableCompileCache(join(__dirname, '..', '..', 'node_modules', '.cache', 'node'));

const shared = (globalThis[Symbol.for('docent.specs')] ??= { globals: new Map(), runs: 0 });
const sources = registerTypescript();

class NativeRuntime extends JestRuntime {
  constructor(...options) {
    super(...options);
    this.run = String((shared.runs += 1));
    this.environmentBefore = { ...process.env };
  }

  setGlobalsForRuntime(globals) {
    super.setGlobalsForRuntime(globals);
    shared.globals.set(this.run, { ...globals, jest: this.jestGlobals.jestObjectFor(this._testPath) });
  }

  /** The part of Jest that collects tests keeps them in its module: each file gets a new one. */
  requireInternalModule(path) {
    delete require.cache[path];
    return require(path);
  }

  async unstable_importModule(path) {
    await import(`${pathToFileURL(path).href}?run=${this.run}`);
  }

  getSourceMaps() {
    return sources;
  }

  teardown() {
    super.teardown();
    shared.globals.delete(this.run);
    for (const name of Object.keys(process.env))
      if (!(name in this.environmentBefore)) delete process.env[name];
    Object.assign(process.env, this.environmentBefore);
  }
}

module.exports = NativeRuntime;
