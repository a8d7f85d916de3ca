// Tests run in the same realm as Node and the modules that it loaded,
// so that `instanceof` and `expect.any(Number)` mean one thing.
const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

const { console } = globalThis;
const { exit } = process;

module.exports = class NativeEnvironment {
  global = globalThis;
  fakeTimers = null;
  moduleMocker = new ModuleMocker(globalThis);

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return null;
  }

  async setup() {}

  /** Jest put its own console and `process.exit` in place for the file. */
  async teardown() {
    this.fakeTimersModern.dispose();
    Object.assign(globalThis, { console });
    process.exit = exit;
  }
};
