import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { errorCatalogue } from '../../src/common/errors.js';
import { markersIn, fingerprint, type Content } from './contents.js';
import type { TrackedFile } from './load.js';

export interface Expectation {
  /** Documents that must fail, by file name: the code, and how many attempts it takes. */
  failing: Map<string, { code?: string; attempts?: number }>;
  /** The text of the chunks of a sample without faults. */
  samples: Map<string, string>;
}

interface DocumentRow {
  id: string;
  filename: string;
  version: number;
  ready_version: number | null;
  status: string;
  content_hash: string;
  ready_hash: string | null;
  error: { code: string; detail: string } | null;
  attempts: number | null;
}

const longestMs = 300_000;

/**
 * Waits until nothing is unfinished, as long as anything moves within `quietMs`.
 * @param except documents that are not waited for, by file name
 * @returns what still is, in words
 */
export async function unfinished(
  sql: pg.Pool,
  before: Date | undefined,
  quietMs: number,
  except: string[] = [],
): Promise<string[]> {
  const begun = performance.now();
  let last = '';
  for (let until = begun + quietMs; ; await pause(150)) {
    const left = await sql
      .query<{ what: string }>(
        `select 'task ' || id || ' (' || type || ') is ' || status || ', attempts ' || attempts || ', losses ' || losses || coalesce(', in ' || stage, '') || ' at ' || progress as what from docent.tasks
         where type <> 'batch' and status in ('queued', 'running') and created_at < coalesce($1::timestamptz, 'infinity')
           and not exists (select from docent.documents d where d.id = tasks.document_id and d.filename = any($2))
         union all
         select 'version ' || v.version || ' of ' || v.document_id || ' is ' || v.status
         from docent.document_versions v join docent.documents d on d.id = v.document_id
         where v.status in ('queued', 'processing') and v.created_at < coalesce($1::timestamptz, 'infinity') and d.filename <> all ($2)`,
        [before, except],
      )
      .then(({ rows }) => rows.map((row) => row.what))
      .catch((error: Error) => [`the database does not answer: ${error.message}`]);
    // a slow machine is late, which is told apart; stuck is what no longer moves
    const now = left.join('\n');
    if (now !== last) until = Math.min(performance.now() + quietMs, begun + longestMs);
    last = now;
    if (left.length === 0 || performance.now() > until) return left;
  }
}

/** Looks at what is left after the dust has settled. @returns what breaks which invariant */
export async function check(
  sql: pg.Pool,
  files: readonly TrackedFile[],
  expectation: Expectation,
): Promise<string[]> {
  const { rows } = await sql.query<DocumentRow>(
    `select d.id, d.filename, d.version, d.ready_version, v.status, v.content_hash, r.content_hash as ready_hash, v.error, t.attempts
     from docent.documents d
     left join docent.document_versions v on v.document_id = d.id and v.version = d.version
     left join docent.document_versions r on r.document_id = d.id and r.version = d.ready_version
     left join docent.tasks t on t.id = v.task_id`,
  );
  const byName = new Map(rows.map((row) => [row.filename, row]));
  const found = [...(await countedIn(sql)), ...rows.flatMap((row) => makeFailure(row, expectation))];
  for (const file of files) {
    const row = byName.get(file.filename);
    if (!row) {
      if (!file.allowed.has('gone'))
        found.push(`I1 lost: ${file.filename} was accepted as ${file.accepted?.id} and is not there`);
      continue;
    }
    if (!file.allowed.has(row.content_hash))
      found.push(
        `I1 wrong: ${file.filename} shows version ${row.version}, which is not what was accepted last`,
      );
    if (expectation.failing.has(file.filename)) continue;
    if (row.status === 'ready' && row.ready_version !== row.version)
      found.push(
        `I5 wrong: ${file.filename} is ready in version ${row.version} but answers with ${row.ready_version}`,
      );
    const content = file.contents.get(row.ready_hash ?? '');
    if (!content)
      found.push(
        `I5 wrong: ${file.filename} answers with version ${row.ready_version}, which has no bytes that were sent`,
      );
    else if (row.ready_version !== null) found.push(...(await readContent(sql, row, content, expectation)));
  }
  return found;
}

async function readContent(
  sql: pg.Pool,
  { id, filename, ready_version }: DocumentRow,
  content: Content,
  { samples }: Expectation,
): Promise<string[]> {
  const { rows } = await sql.query<{ ordinal: number; content: string }>(
    'select ordinal, content from docent.chunks where document_id = $1 and version = $2 order by ordinal',
    [id, ready_version],
  );
  const texts = rows.map((row) => row.content);
  if (rows.some((row, place) => row.ordinal !== place))
    return [`I5 wrong: ${filename} has a gap in its chunks`];
  if (content.sample)
    return fingerprint(texts) === samples.get(content.sample)
      ? []
      : [`I5 wrong: ${filename} differs from ${content.sample} ingested undisturbed`];
  const same = JSON.stringify(markersIn(texts)) === JSON.stringify(content.markers);
  return same
    ? []
    : [`I5 wrong: the chunks of ${filename} version ${ready_version} are not those of its bytes`];
}

function makeFailure({ filename, status, error, attempts }: DocumentRow, { failing }: Expectation): string[] {
  const expected = failing.get(filename);
  if (!expected)
    return status === 'failed' ? [`I7 innocent: ${filename} failed with ${JSON.stringify(error)}`] : [];
  if (status !== 'failed' || !error) return [`I7 ${filename} should have failed and is ${status}`];
  const found: string[] = [];
  if (expected.code && error.code !== expected.code)
    found.push(`I7 ${filename} failed with ${error.code} instead of ${expected.code}`);
  if (expected.attempts && attempts !== expected.attempts)
    found.push(`I7 ${filename} took ${attempts} attempts instead of ${expected.attempts}`);
  if (!(error.code in errorCatalogue)) found.push(`I8 ${error.code} is in no catalogue`);
  if (/\/\w+\/\w+|\bselect\b.*\bfrom\b|\bat \w+ \(/i.test(error.detail))
    found.push(`I8 the detail of ${filename} tells too much: ${error.detail}`);
  return found;
}

/** Rows that must not exist, and sums that must agree. */
async function countedIn(sql: pg.Pool): Promise<string[]> {
  const { rows: spaces } = await sql.query<{ id: number }>('select id from docent.embedding_spaces');
  const published =
    'docent.chunks c join docent.documents d on d.id = c.document_id and d.ready_version = c.version';
  const counts: [string, string][] = [
    [
      'I3 doubled: chunks of one document, version and ordinal',
      'select 1 from docent.chunks group by document_id, version, ordinal having count(*) > 1',
    ],
    [
      'I3 doubled: unfinished or succeeded tasks of one version',
      `select 1 from docent.tasks where type = 'ingest' and status = 'succeeded' group by document_id, payload ->> 'version' having count(*) > 1`,
    ],
    [
      'I4 orphaned: chunks of no document or of another version than the ready one',
      'select 1 from docent.chunks c left join docent.documents d on d.id = c.document_id where d.ready_version is distinct from c.version',
    ],
    [
      'I4 orphaned: keyword rows without their chunk',
      'select 1 from docent.chunk_lex l left join docent.chunks c on c.id = l.chunk_id where c.id is null',
    ],
    [
      'I4 orphaned: summaries of no ready version',
      'select 1 from docent.summaries s left join docent.documents d on d.id = s.document_id where d.ready_version is distinct from s.version',
    ],
    [
      'I5 wrong: chunks without their keyword row',
      `select 1 from ${published} left join docent.chunk_lex l on l.chunk_id = c.id where l.chunk_id is null`,
    ],
    [
      'I5 wrong: versions whose chunk count is not that of their chunks',
      `select 1 from docent.documents d join docent.document_versions v on v.document_id = d.id and v.version = d.ready_version where v.chunk_count <> (select count(*) from docent.chunks c where c.document_id = d.id and c.version = d.ready_version)`,
    ],
    ...spaces.flatMap(({ id }): [string, string][] => [
      [
        'I4 orphaned: embeddings without their chunk',
        `select 1 from docent.emb_${id} e left join docent.chunks c on c.id = e.chunk_id where c.id is null`,
      ],
      [
        'I5 wrong: chunks without their embedding',
        `select 1 from ${published} left join docent.emb_${id} e on e.chunk_id = c.id where e.chunk_id is null`,
      ],
    ]),
  ];
  const found: string[] = [];
  for (const [what, query] of counts) {
    const { rowCount } = await sql.query(query);
    if (rowCount) found.push(`${what}: ${rowCount}`);
  }
  const { rows } = await sql.query<{ told: string; there: string }>(
    `select (select coalesce(sum(chunks), 0) from docent.corpora) + (select coalesce(sum(chunks), 0) from docent.lexicon_deltas) as told, (select count(*) from ${published}) as there`,
  );
  if (rows[0]?.told !== rows[0]?.there)
    found.push(`I5 wrong: the keyword statistics count ${rows[0]?.told} chunks of ${rows[0]?.there}`);
  return found;
}

/** Blobs without a row go with the sweep's grace; rows must have theirs. */
export async function checkBlobs(sql: pg.Pool, folder: string, graceMs: number): Promise<string[]> {
  for (const until = performance.now() + graceMs; ; await pause(500)) {
    const { rows } = await sql.query<{ key: string }>(
      `select k as key from docent.document_versions v, unnest(array[v.blob_key, v.parsed_key]) k where v.status <> 'superseded' and k is not null`,
    );
    const wanted = new Set(rows.map((row) => row.key));
    const there = new Set(await blobsIn(folder));
    const missing = [...wanted].filter((key) => !there.has(key));
    const orphans = [...there].filter((key) => !wanted.has(key));
    if (missing.length + orphans.length === 0) return [];
    if (performance.now() > until)
      return [
        ...missing.map((key) => `I6 lost: the blob ${key} of a row`),
        ...orphans.map((key) => `I6 orphaned: the blob ${key}`),
      ];
  }
}

async function blobsIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const kind of ['originals', 'parsed']) {
    const entries = await readdir(join(folder, kind), { recursive: true, withFileTypes: true }).catch(
      () => [],
    );
    found.push(
      ...entries
        .filter((entry) => entry.isFile())
        .map((entry) => `${kind}/${entry.name.slice(-2)}/${entry.name}`),
    );
  }
  return found;
}
