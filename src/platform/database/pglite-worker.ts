// Runs compiled, and in tests with Node's type stripping: so it may import packages only.
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { zstdDecompressSync } from 'node:zlib';
import { type messages, PGlite, type PGliteOptions, protocol } from '@electric-sql/pglite';
import { auto_explain } from '@electric-sql/pglite/contrib/auto_explain';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { vector } from '@electric-sql/pglite-pgvector';

interface Request {
  id: number;
  kind: 'call' | 'query' | 'script' | 'explain' | 'close';
  text: string;
  values: (string | number | boolean | null)[];
  /** For `explain`: makes the engine report plans. */
  before?: string;
}

/**
 * A quarter of the default takes 100 MB less and is as fast:
 * the files lie in the memory of the operating system anyway.
 */
const sharedBuffers = 'shared_buffers=32MB';

/** `template`: the packed database that a new one is unpacked from; `program`: the compiled engine. */
const { dataDir, template, program } = workerData as {
  dataDir: string;
  template?: string;
  program: PGliteOptions['pgliteWasmModule'];
};

/** Statements that the engine has parsed, by their text. There are as many as functions. */
const prepared = new Map<string, string>();

/** Runs a statement that is parsed once. @returns the text of the first column of the first row */
async function call(engine: PGlite, text: string, values: Request['values']): Promise<string | null> {
  const { serialize } = protocol;
  const send = (...parts: Uint8Array[]) =>
    engine.execProtocolStream(Buffer.concat([...parts, serialize.sync()]));
  let statement = prepared.get(text);
  if (statement === undefined) {
    statement = `call_${prepared.size}`;
    await send(serialize.parse({ name: statement, text }));
    prepared.set(text, statement);
  }
  const given = values.map((value) => (value === null ? null : String(value)));
  const answers = await send(serialize.bind({ statement, values: given }), serialize.execute({}));
  const row = answers.find((message): message is messages.DataRowMessage => message.name === 'dataRow');
  return row?.fields[0] ?? null;
}

async function answer(engine: PGlite, { kind, text, values, before }: Request): Promise<unknown> {
  if (kind === 'call') return call(engine, text, values);
  if (kind === 'query') return (await engine.query(text, values)).rows;
  if (kind === 'script') return (await engine.exec(text)).at(-1)?.rows ?? [];
  if (kind === 'explain') return explained(engine, text, values, before ?? '');
  await engine.close();
  return [];
}

/** Runs `text`, collects the notices of the engine, and rolls back. */
async function explained(
  engine: PGlite,
  text: string,
  values: Request['values'],
  before: string,
): Promise<unknown[]> {
  const notices: unknown[] = [];
  await engine.transaction(async (transaction) => {
    await transaction.exec(before);
    await transaction.query(text, values, { onNotice: ({ message }) => notices.push({ message }) });
    await transaction.rollback();
  });
  return notices;
}

const described = (error: unknown): { message: string; code?: string; detail?: string } => {
  const { message, code, detail } = error as { message: string; code?: string; detail?: string };
  return { message: message || `the engine stopped: ${String(error)}`, code, detail };
};

/** Frees up to 100 MB of garbage from opening, which an idle thread would never collect. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

try {
  // a commit is in the operating system's hands before it is answered: a killed process loses nothing
  const engine = await PGlite.create({
    dataDir,
    extensions: { vector, pg_trgm, auto_explain },
    relaxedDurability: false,
    startParams: [...PGlite.defaultStartParams, '-c', sharedBuffers],
    pgliteWasmModule: program,
    ...(template && { loadDataDir: new Blob([zstdDecompressSync(readFileSync(template))]) }),
  });
  // a call goes around the engine's own lock
  let turn: Promise<unknown> = Promise.resolve();
  parentPort?.on('message', (request: Request) => {
    turn = turn
      .then(() => answer(engine, request))
      .then(
        (rows) => parentPort?.postMessage({ id: request.id, rows }),
        (error: unknown) => parentPort?.postMessage({ id: request.id, error: described(error) }),
      );
  });
  parentPort?.postMessage({ id: 0, rows: [] });
  collectGarbage();
} catch (error) {
  parentPort?.postMessage({ id: 0, error: described(error) });
}
