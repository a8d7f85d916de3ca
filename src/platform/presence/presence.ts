/** One open socket or event stream, as shown to administrators. */
export interface ConnectionView {
  id: string;
  kind: 'socket' | 'stream';
  subject: string;
  address: string;
  /** Host and pid of the process that holds it. */
  process: string;
  connected_at: string;
  last_seen: string;
  rooms: string[];
}
export type ConnectionsByTenant = ReadonlyMap<string, readonly ConnectionView[]>;

/** Interval at which a process reports its connections. */
export const presenceBeatMs = 2000;
/** After this silence, a process counts as having no connections. */
export const presenceLifeMs = 10_000;

/**
 * Which client is connected to which process. Each process reports all of its connections every
 * `presenceBeatMs`.
 */
export abstract class Presence {
  /**
   * Reports the connections of this process. Never throws, since the next beat reports them again.
   * @param read called only if other processes can see the report
   */
  abstract tell(read: () => ConnectionsByTenant): Promise<void>;
  /**
   * A tenant's connections to other processes.
   * @throws queue_unavailable when they are unknown at the moment
   */
  abstract others(tenant: string): Promise<ConnectionView[]>;
  abstract close(): Promise<void>;
}
