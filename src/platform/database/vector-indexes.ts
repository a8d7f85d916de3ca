/** A space's table and the length of its vectors. */
export interface VectorTable {
  id: number;
  dimensions: number;
}

/**
 * Builds the graphs over the vectors of embedding spaces. `Database` names the implementation of its driver.
 */
export abstract class VectorIndexes {
  /** True when reads and writes go on during `build`. Otherwise only a person starts a build. */
  abstract readonly besideWriters: boolean;
  /** The statement that `build` runs, for people who would rather run it themselves. */
  abstract statement(table: VectorTable): string;
  /**
   * Builds the graph if it is missing. Waits for a running build, and removes the remains of an interrupted
   * one.
   * @param signal ends the waiting; a server continues the build
   * @throws conflict where this connection cannot build it or the vectors are too long, database_unavailable
   */
  abstract build(table: VectorTable, signal: AbortSignal): Promise<void>;
  /** Stops a build on a server. @throws database_unavailable */
  abstract stop(table: VectorTable): Promise<void>;
}
