import pg from 'pg';

const firstLookMs = 1000;
const nextLookMs = 200;
const answerWithinMs = 1200;
/** A single miss may be a busy server, or a statement whose answer is on its way. */
const maxMisses = 2;

/** The server's view of its backends by process id; undefined when it cannot be reached. */
type Backends = ReadonlyMap<number, string | null> | undefined;

/**
 * Finds statements that will never get an answer. A half-open connection looks like a slow statement, and
 * waiting for the statement's time limit is too long for a client. So a second connection asks the server. If
 * the server cannot be reached, or does not know the statement, the first connection is given up. If the
 * server does not list the backend (behind a pooler), the statement counts as running.
 */
export class LostConnections {
  private looking: Promise<Backends> | undefined;

  constructor(private readonly connectionString: string | undefined) {}

  /** Resolves or rejects as `work` does. @throws ECONNABORTED when its connection is lost */
  async attend<T>(backend: number | null, work: Promise<T>): Promise<T> {
    let over = false;
    let timer: NodeJS.Timeout | undefined;
    const lost = new Promise<never>((_resolve, reject) => {
      let misses = 0;
      const look = async (): Promise<void> => {
        misses = (await this.isAtWork(backend)) ? 0 : misses + 1;
        if (over) return;
        if (misses >= maxMisses) reject(connectionLost());
        else timer = setTimeout(() => void look(), misses > 0 ? nextLookMs : firstLookMs).unref();
      };
      timer = setTimeout(() => void look(), firstLookMs).unref();
    });
    try {
      return await Promise.race([work, lost]);
    } finally {
      over = true;
      clearTimeout(timer);
    }
  }

  private async isAtWork(backend: number | null): Promise<boolean> {
    // one connection checks all waiting statements
    this.looking ??= this.look().finally(() => (this.looking = undefined));
    const backends = await this.looking;
    if (!backends) return false;
    return backends.get(backend ?? -1) !== 'idle';
  }

  private async look(): Promise<Backends> {
    const client = new pg.Client({
      connectionString: this.connectionString,
      application_name: 'docent-watch',
      connectionTimeoutMillis: answerWithinMs,
      query_timeout: answerWithinMs,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: number; state: string | null }>(
        'select pid, state from pg_stat_activity where datname = current_database() and usename = current_user',
      );
      return new Map(rows.map(({ pid, state }) => [pid, state]));
    } catch (error) {
      // a refusal is an answer too: the server is there
      return error instanceof pg.DatabaseError ? new Map() : undefined;
    } finally {
      void client.end().catch(() => undefined);
    }
  }
}

const connectionLost = (): Error =>
  Object.assign(new Error('connection timed out: nothing will come back'), { code: 'ECONNABORTED' });
