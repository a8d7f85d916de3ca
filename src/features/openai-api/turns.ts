/** Lets the works of one owner run one after the other, in the order of their arrival. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  /** @throws what `work` throws, or the reason of a signal that was aborted before the turn came */
  async take<T>(owner: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(owner);
    const mine = (async () => {
      await before?.catch(() => undefined);
      signal.throwIfAborted();
      return work();
    })();
    this.last.set(owner, mine);
    try {
      return await mine;
    } finally {
      if (this.last.get(owner) === mine) this.last.delete(owner);
    }
  }
}
