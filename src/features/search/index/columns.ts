type Numbers = Uint32Array | Int32Array | Float32Array | Float64Array | BigInt64Array | Uint8Array;

/** A typed array that grows; `values` is longer than what is used. */
export class Column<T extends Numbers> {
  values: T;

  constructor(private readonly make: (length: number) => T) {
    this.values = make(16);
  }

  get bytes(): number {
    return this.values.byteLength;
  }

  /** Makes room for `length` numbers; new ones are 0. */
  ensure(length: number): T {
    if (length > this.values.length) {
      const larger = this.make(Math.max(length, Math.ceil(this.values.length * 1.5)));
      larger.set(this.values as never);
      this.values = larger;
    }
    return this.values;
  }
}

export const uint32s = (): Column<Uint32Array> => new Column((length) => new Uint32Array(length));
