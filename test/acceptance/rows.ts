import { badInputs, type BadInput } from './bad-inputs.js';

const byArea: Record<string, string> = {
  http: 'bad-inputs.spec.ts',
  json: 'bad-inputs.spec.ts',
  params: 'bad-inputs.spec.ts',
  filename: 'bad-inputs.spec.ts',
  multipart: 'bad-inputs.spec.ts',
  content: 'content.spec.ts',
  auth: 'credentials.spec.ts',
  tenancy: 'tenants.spec.ts',
  socket: 'sockets.spec.ts',
  ssrf: 'outbound.spec.ts',
  output: 'outbound.spec.ts',
  race: 'races.spec.ts',
  llm: 'model.spec.ts',
  boot: 'boot.spec.ts',
};
/** Rows that want another server, or more than one request, than the rest of their area. */
const exceptions: Record<string, string> = {
  'http-014': 'slow-clients.spec.ts',
  'http-015': 'slow-clients.spec.ts',
  'http-041': 'slow-clients.spec.ts',
  'params-036': 'tenants.spec.ts',
  'socket-015': 'many-sockets.spec.ts',
  'socket-024': 'many-sockets.spec.ts',
};

/** The one spec of this folder that answers for a row. */
export const findSpec = ({ id, area }: BadInput): string | undefined => exceptions[id] ?? byArea[area];

/** All rows that a spec answers for. */
export const findRows = (spec: string): BadInput[] => badInputs.filter((row) => findSpec(row) === spec);

/**
 * The rows of a spec with what tries each of them, for `it.each`.
 * @throws where a row has nothing that tries it, or the other way round
 */
export function makeCases(
  spec: string,
  tries: Record<string, (row: BadInput) => Promise<void> | void>,
): [id: string, how: string, run: () => Promise<void> | void][] {
  const rows = findRows(spec);
  const unknown = Object.keys(tries).filter((id) => !rows.some((row) => row.id === id));
  if (unknown.length > 0) throw new Error(`${spec} tries rows that are not its own: ${unknown.join(', ')}`);
  return rows.map((row) => {
    const run = tries[row.id];
    if (!run) throw new Error(`${spec} does not try ${row.id}: ${row.how}`);
    return [row.id, row.how, () => run(row)];
  });
}
