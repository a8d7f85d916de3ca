/**
 * A connection inside a transaction that the caller has
 * begun: a client of `pg`, or anything with this method.
 */
export interface Transaction {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** A connection that was taken out of a pool. */
export interface HostClient extends Transaction {
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  /** @param broken true where the connection must not be used again */
  release(broken?: boolean): void;
}

/**
 * The pool of the application that docent runs in: a `pg.Pool`, or
 * what works like one. It stays the property of the application.
 */
export interface HostPool {
  connect(): Promise<HostClient>;
}
