// The suites that take longest begin first: a long one at the end would leave the other workers idle.
// Jest knows the durations of a former run only; a clone has none, and long suites are not large files.
const { statSync } = require('node:fs');
const { join, relative, sep } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

const root = join(__dirname, '..', '..');

/** Longest first, as measured on a machine at rest; suites that wait come before suites that compute. */
const longSuites = [
  'test/acceptance/console',
  'test/flow/embedding-faults',
  'test/flow/web-sources',
  'test/acceptance/fuzz',
  'test/acceptance/stuck-process',
  'test/acceptance/many-sockets',
  'test/flow/hostile-files',
  'test/flow/answers',
  'test/acceptance/content',
  'test/flow/twice-the-text',
  'test/contract/search-index.contract',
  'test/flow/evil-text',
  'test/contract/same-documents.contract',
  'test/contract/pglite',
  'src/features/parsing/ocr/recognize-page',
  'test/flow/latencies',
  'test/contract/database-documents.contract',
  'test/flow/ocr',
  'test/flow/killed-worker',
  'src/platform/models/local-models',
  'test/flow/task-runner',
  'test/flow/load-test',
  'test/flow/spaces',
  'test/flow/deletion',
  'test/flow/documents',
  'test/flow/transfer',
  'test/flow/cli',
  'test/flow/agent',
  'src/features/parsing/sandbox/pool',
  'test/contract/search.contract',
  'test/contract/promises.contract',
].map((name) => join(...`${name}.spec.ts`.split('/')));

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
