// The suites that take longest begin first: a long one at the end would leave the other workers idle.
// Jest knows the durations of a former run only; a clone has none, and long suites are not large files.
const { statSync } = require('node:fs');
const { join, relative, sep } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

const root = join(__dirname, '..', '..');

/** Longest first, as measured on a machine at rest. */
const longSuites = [
  'acceptance/console',
  'flow/web-sources',
  'flow/embedding-faults',
  'acceptance/fuzz',
  'acceptance/stuck-process',
  'acceptance/many-sockets',
  'flow/load-test',
  'flow/hostile-files',
  'flow/answers',
  'acceptance/content',
  'flow/twice-the-text',
  'contract/search-index.contract',
  'flow/evil-text',
  'flow/latencies',
  'contract/database-documents.contract',
  'flow/ocr',
  'flow/killed-worker',
  'flow/spaces',
  'flow/deletion',
  'flow/documents',
  'flow/transfer',
  'flow/task-runner',
  'flow/cli',
  'contract/search.contract',
  'contract/promises.contract',
].map((name) => join('test', ...`${name}.spec.ts`.split('/')));

for (const path of longSuites) statSync(join(root, path));

module.exports = class LongestFirst extends Sequencer {
  /** Milliseconds: of the former run, else from the list, else by the folder and the size of the file. */
  time(test) {
    const known = super.time(test);
    if (known !== undefined) return known;
    const path = relative(root, test.path);
    const place = longSuites.indexOf(path);
    if (place >= 0) return 1e6 * (longSuites.length - place);
    const startsService = path.startsWith(`test${sep}`);
    return (startsService ? 1e5 : 0) + Math.min(test.context.hasteFS.getSize(test.path) ?? 0, 9e4);
  }
};
