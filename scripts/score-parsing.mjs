#!/usr/bin/env node
// Parses a corpus through the real pool and scores the result against the expected text.
//   npm run score:parsing [-- --corpus DIR] [--keep DIR] [--cost]     exits 1 when a threshold is missed
// DIR holds manifest.json and score-functions.mjs; the default is test/files/corpus. --keep says where to
// write the parsed text. The files of test/files/kinds are checked too, by kind. --cost measures processor
// time and memory of each format.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { kindLines, scoreKinds } from './parsing/kinds.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const corpusAt = process.argv.indexOf('--corpus');
const corpus = corpusAt > 0 ? resolve(process.argv[corpusAt + 1]) : join(root, 'test', 'files', 'corpus');
const dist = process.env.PARSING_DIST ?? join(root, 'dist');
const load = (path) => import(pathToFileURL(path).href);

const { sniff } = await load(join(dist, 'features', 'parsing', 'formats', 'formats.js'));
const { ParserPool } = await load(join(dist, 'features', 'parsing', 'sandbox', 'pool.js'));
const { scoreOne } = await load(join(corpus, 'score-functions.mjs'));

/** Minimum of each format, as the mean over its files. */
const thresholds = [
  { format: 'all', key: 'f1', least: 0.95 },
  ...['docx', 'pptx', 'html'].map((format) => ({ format, key: 'head', least: 0.95 })),
  ...['pptx', 'xlsx', 'html'].map((format) => ({ format, key: 'tbl', least: 0.85 })),
  { format: 'docx', key: 'tbl', least: 0.6 },
];
/** A file may lose this much F1 against the trial before it counts as worse. */
const tolerance = 0.02;

const keepAt = process.argv.indexOf('--keep');
const out = keepAt > 0 ? process.argv[keepAt + 1] : mkdtempSync(join(tmpdir(), 'docent-score-'));
mkdirSync(out, { recursive: true });
const manifest = JSON.parse(readFileSync(join(corpus, 'manifest.json'), 'utf8'));
const pool = new ParserPool({ size: availableParallelism(), memoryMb: 2048, timeoutMs: 15_000 });

async function extract(path) {
  const bytes = statSync(path).size;
  const filename = basename(path);
  const file = await open(path);
  try {
    const read = async (start, end) => {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(Math.max(0, end - start)),
        0,
        Math.max(0, end - start),
        start,
      );
      return buffer.subarray(0, bytesRead);
    };
    const { format } = await sniff(read, bytes, filename);
    const document = await pool.parse({ path, filename, bytes, format });
    const text = document.parts.map((part) => part.markdown).join('\n\n');
    writeFileSync(join(out, `${filename}.md`), text);
    return { text, warnings: document.warnings.map(({ code }) => code) };
  } catch (error) {
    return { text: '', code: error.code ?? String(error) };
  } finally {
    await file.close();
  }
}

const rows = new Map();
const complaints = [];
for (const entry of manifest) {
  const { text, code } = await extract(join(corpus, entry.file));
  if (entry.must_fail_with) {
    if (code !== entry.must_fail_with)
      complaints.push(`${entry.file}: ${code ?? 'parsed'}, must fail with ${entry.must_fail_with}`);
    continue;
  }
  if (code) complaints.push(`${entry.file}: failed with ${code}`);
  if (/\ufffd/.test(text)) complaints.push(`${entry.file}: has U+FFFD`);
  if (!entry.expected) continue;
  const score = scoreOne(readFileSync(join(corpus, entry.expected), 'utf8'), text);
  rows.set(entry.format, [...(rows.get(entry.format) ?? []), score]);
  for (const [key, name] of [
    ['f1', 'F1'],
    ['tbl', 'table F1'],
    ['head', 'heading F1'],
  ]) {
    const baseline = entry.baseline?.[key];
    if (baseline != null && (score[key] ?? 0) < baseline - tolerance)
      complaints.push(`${entry.file}: ${name} ${(score[key] ?? 0).toFixed(3)}, the trial had ${baseline}`);
  }
}
const kinds = await scoreKinds(join(root, 'test', 'files', 'kinds'), async (path) => {
  const { text, ...rest } = await extract(path);
  // no-break spaces are blanks to a reader
  return { text: text.replaceAll('\u00a0', ' '), ...rest };
});
complaints.push(...kinds.complaints);
await pool.close();
if (keepAt < 0) rmSync(out, { recursive: true, force: true });

/** Each format in a process of its own, so that its memory is its own. */
function measureCost() {
  console.log(`\n${['format', 'files', 'parts/cpu s', 'MB/cpu s', 'peak MB'].join('\t')}`);
  const scored = manifest.filter(({ expected }) => expected).map(({ file }) => file);
  const files = Map.groupBy(scored, (file) => file.slice(file.lastIndexOf('.') + 1));
  for (const [format, own] of files) {
    const script = join(root, 'scripts', 'parsing', 'cost.mjs');
    const paths = own.map((file) => join(corpus, file));
    const { stdout } = spawnSync(process.execPath, [script, dist, format, ...paths], { encoding: 'utf8' });
    process.stdout.write(stdout);
  }
}

rows.set('all', [...rows.values()].flat());
const mean = (scores, key) => {
  const values = scores.map((score) => score[key]).filter((value) => value != null);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
};
console.log(['format', 'files', 'F1', 'bigram', 'table', 'heading'].join('\t'));
for (const [format, scores] of rows) {
  console.log(
    [
      format,
      scores.length,
      ...['f1', 'bi', 'tbl', 'head'].map((key) => mean(scores, key)?.toFixed(3) ?? '–'),
    ].join('\t'),
  );
}
for (const { format, key, least } of thresholds) {
  const value = mean(rows.get(format) ?? [], key);
  if (value === null || value < least)
    complaints.push(`${format}: ${key} ${value?.toFixed(3) ?? 'none'} is below ${least}`);
}
console.log(`\n${kindLines(kinds.kinds).join('\n')}`);
if (process.argv.includes('--cost')) measureCost();
for (const line of complaints) console.log(`! ${line}`);
process.exit(complaints.length > 0 ? 1 : 0);
