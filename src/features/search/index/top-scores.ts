/** The least of the `size` greatest scores that were offered: a heap whose root is that one. */
export class ScoreThreshold {
  private readonly heap: Float32Array;
  private count = 0;

  constructor(private readonly size: number) {
    this.heap = new Float32Array(size);
  }

  /** Lower scores are not among the greatest. */
  get value(): number {
    return this.count < this.size ? -Infinity : (this.heap[0] as number);
  }

  /** @param score not below `value` */
  offer(score: number): void {
    if (this.count < this.size) this.rise(score);
    else if (score > (this.heap[0] as number)) this.sink(score);
  }

  private rise(score: number): void {
    const { heap } = this;
    let at = this.count++;
    for (; at > 0;) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as number;
      if (above <= score) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = score;
  }

  /** Puts a score in the place of the least. */
  private sink(score: number): void {
    const { heap, size } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      if (child + 1 < size && (heap[child + 1] as number) < (heap[child] as number)) child++;
      const below = heap[child] as number;
      if (below >= score) break;
      heap[at] = below;
      at = child;
    }
    heap[at] = score;
  }
}
