// Each hot path beside its limit, measured in the same run:
// npm run bench -- [--small] [--check] [--record] [--against] [--judged FOLDER of judged collections] [SCENARIO…]
import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { against } from './against.js';
import { againstSearch } from './against-search.js';
import { localModels } from './local-models.js';
import { ingest, upload } from './large-uploads.mjs';
import { pdf } from './pdf.mjs';
import { fallen, readRecorded, Report } from './report.js';
import { questions } from './questions.js';
import { requests } from './requests.js';
import { search } from './search.mjs';
import { start } from '../scripts/shared/service.mjs';
import { smallDocuments } from './small-documents.js';
import { boot, memory } from './start.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    small: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    against: { type: 'boolean', default: false },
    judged: { type: 'string' },
    out: { type: 'string', default: 'node_modules/.cache/bench.json' },
  },
});
const recordedFile = 'bench/recorded.json';
const report = new Report();
const service = (env: Record<string, string> = {}) => start('dist/main.js', env);
const show = (name: string, figures: Record<string, number | string>): void => report.note(name, figures);

const small = {
  requests: () => requests(report, options.small ? { rounds: 3, count: 1000 } : { rounds: 5, count: 6000 }),
  start: () => boot(report, { rounds: options.small ? 2 : 7 }),
  ingestion: () =>
    smallDocuments(report, options.small ? { count: 40, rounds: 2 } : { count: 200, rounds: 4 }),
  memory: () => memory(report),
  models: () => localModels(report, options.small ? { rounds: 2, asked: 20 } : { rounds: 5, asked: 100 }),
  questions: () =>
    questions(
      report,
      options.small ? { passages: 1000, asked: 100, rounds: 3 } : { passages: 10_000, asked: 300, rounds: 5 },
    ),
};
const large = {
  upload: () => upload(service, show),
  ingest: () => ingest(service, show),
  pdf: () => pdf(service, show),
  search: () => search(service, show),
};
const others = {
  against: () => against(report, options.small ? { rounds: 3, count: 1000 } : { rounds: 5, count: 5000 }),
};
const { judged } = options;
const scenarios = {
  ...small,
  ...(!options.small && large),
  ...(options.against && others),
  ...(judged && { judged: () => againstSearch(report, judged) }),
};

for (const [name, run] of Object.entries(scenarios))
  if (positionals.length === 0 || positionals.includes(name)) await run();

const recorded = readRecorded(recordedFile);
report.print(recorded);
report.write(options.out);
console.log(`written to ${options.out}`);
if (options.record) {
  const ratios = Object.fromEntries(
    report.rows.map(({ name, ratio }) => [name, Math.round(ratio * 100) / 100]),
  );
  writeFileSync(recordedFile, `${JSON.stringify({ ...recorded, ...ratios }, null, 2)}\n`);
}
const worse = options.check ? fallen(report.rows, recorded) : [];
for (const { name, ratio } of worse)
  console.log(`FAILED ${name}: the ratio is ${ratio.toFixed(2)}, ${recorded[name]} is recorded`);
process.exit(worse.length > 0 ? 1 : 0);
