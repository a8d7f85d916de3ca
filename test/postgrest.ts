import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the server asks its database: one statement, one round trip. */
export type Query = (text: string, values: string[]) => Promise<Record<string, unknown>[]>;

export interface Postgrest {
  url: string;
  /** Requests answered so far. */
  readonly requests: number;
  /** Connections opened so far. */
  readonly connections: number;
  /** Connections that are open now. */
  open(): Promise<number>;
  /** Answers the next requests in another way than the database would; return false to let one through. */
  intercept(handler: (request: IncomingMessage, response: ServerResponse) => boolean): void;
  close(): Promise<void>;
}

interface Parameter {
  name: string;
  type: string;
}

const findStatus = (state: string): number => {
  if (/^(08|53)/.test(state) || state === '57P01') return 503;
  if (/^(235|40|57|55|XX|58)/.test(state)) return state === '23505' || state === '23503' ? 409 : 500;
  if (state === '42501' || state.startsWith('28')) return 403;
  return state === '42883' || state === '42P01' ? 404 : 400;
};

class RestError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: string | null = null,
  ) {
    super(message);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Like PostgREST, by the names of the arguments and the types in the catalogue. */
async function readParameters(
  query: Query,
  schema: string,
  name: string,
  given: string[],
): Promise<Parameter[]> {
  const rows = await query(
    `select coalesce(json_agg(json_build_object('name', p.proargnames[i], 'type', format_type(p.proargtypes[i - 1], null)) order by i) filter (where i is not null), '[]') as parameters
     from pg_proc p join pg_namespace n on n.oid = p.pronamespace left join lateral generate_series(1, p.pronargs) i on true
     where n.nspname = $1 and p.proname = $2 group by p.oid`,
    [schema, name],
  );
  const wanted = [...given].sort().join();
  const match = rows
    .map((row) => row['parameters'] as Parameter[])
    .find(
      (parameters) =>
        parameters
          .map((parameter) => parameter.name)
          .sort()
          .join() === wanted,
    );
  if (match) return match;
  throw new RestError(
    404,
    'PGRST202',
    `Could not find the function ${schema}.${name}(${given.join(', ')}) in the schema cache`,
  );
}

async function callFunction(query: Query, schema: string, name: string, body: string): Promise<string> {
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(body || '{}') as Record<string, unknown>;
  } catch {
    throw new RestError(400, 'PGRST102', 'Empty or invalid json');
  }
  const parameters = await readParameters(query, schema, name, Object.keys(given));
  const columns = parameters.map(({ name: column, type }) => `${quoted(column)} ${type}`).join(', ');
  const named = parameters.map(({ name: column }) => `${quoted(column)} := a.${quoted(column)}`).join(', ');
  const call = `${quoted(schema)}.${quoted(name)}(${named})`;
  const [row] =
    parameters.length === 0
      ? await query(`select coalesce(${call}::text, 'null') as body`, [])
      : await query(
          `select coalesce((select ${call}::text from json_to_record($1::json) as a(${columns})), 'null') as body`,
          [body],
        );
  return String(row?.['body']);
}

/**
 * The part of PostgREST that Supabase's rpc uses: named arguments
 * cast by Postgres, one scalar, its error bodies and statuses.
 */
export async function startPostgrest(
  query: Query,
  options: { key: string; schemas: string[] },
): Promise<Postgrest> {
  let requests = 0;
  let connections = 0;
  let interceptor: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;

  const answer = async (request: IncomingMessage): Promise<string> => {
    const name = /^\/rest\/v1\/rpc\/([a-z_]+)$/.exec(request.url ?? '')?.[1];
    if (request.method !== 'POST' || !name)
      throw new RestError(404, 'PGRST125', 'Invalid path specified in request URL');
    if (request.headers['apikey'] !== options.key)
      throw new RestError(401, 'PGRST301', 'No suitable key or wrong key type');
    const schema = String(request.headers['content-profile'] ?? 'public');
    if (!options.schemas.includes(schema)) throw new RestError(406, 'PGRST106', `Invalid schema: ${schema}`);
    return callFunction(query, schema, name, await readBody(request));
  };

  const server = createServer((request, response) => {
    requests += 1;
    if (interceptor?.(request, response)) return;
    const send = (status: number, body: string): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(body);
    };
    answer(request).then(
      (body) => send(200, body),
      (error: Error & { code?: string; detail?: string; hint?: string }) => {
        const { code = 'XX000', message } = error;
        const status = error instanceof RestError ? error.status : findStatus(code);
        send(
          status,
          JSON.stringify({ code, message, details: error.detail ?? null, hint: error.hint ?? null }),
        );
      },
    );
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    get connections() {
      return connections;
    },
    open: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    intercept: (handler) => (interceptor = handler),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
