/** A space's table and the length of its vectors. */
export interface VectorTable {
  id: number;
  dimensions: number;
}

/** Makes the graphs over the vectors of embedding spaces. `Database` says which implementation its driver has. */
export abstract class VectorIndexes {
  /** Whether reads and writes go on during `build`. Where they do not, only a person starts a build. */
  abstract readonly besideWriters: boolean;
  /** The statement that `build` runs, for people who would rather run it themselves. */
  abstract statement(table: VectorTable): string;
  /**
   * Makes the graph unless it is there. Waits for a build that is under way, and removes what an interrupted one left.
   * @param signal ends the waiting; a server goes on building
   * @throws conflict where this connection cannot build it or the vectors are too long, database_unavailable
   */
  abstract build(table: VectorTable, signal: AbortSignal): Promise<void>;
  /** Stops a build on a server. @throws database_unavailable */
  abstract stop(table: VectorTable): Promise<void>;
}
