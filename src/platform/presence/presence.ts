/** One open socket or event stream, as an administrator sees it. */
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

/** How often a process says whom it holds. */
export const presenceBeatMs = 2000;
/** A process that has said nothing for this long holds nobody. */
export const presenceLifeMs = 10_000;

/** Who is connected to which process. Each says so itself, every `presenceBeatMs`, for all of its connections at once. */
export abstract class Presence {
  /** Says whom this process holds now. Never throws: the next beat says it again. @param read called only where somebody else could see it */
  abstract tell(read: () => ConnectionsByTenant): Promise<void>;
  /** Those of one tenant that other processes hold. @throws queue_unavailable where they cannot be known now */
  abstract others(tenant: string): Promise<ConnectionView[]>;
  abstract close(): Promise<void>;
}
