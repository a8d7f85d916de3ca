// One WebAssembly function, written by hand: it multiplies a vector of 16-bit numbers with many others, eight
// numbers at a time. JavaScript has no such instruction, and a
// compiler for thirty lines would be one more tool to build with.
/** A length, seven bits at a time. */
const sized = (body: number[]): number[] => [(body.length & 0x7f) | 0x80, body.length >> 7, ...body];
const section = (id: number, body: number[]): number[] => [id, ...sized(body)];
const local = (index: number): number[] => [0x20, index];
const setLocal = (index: number): number[] => [0x21, index];
const teeLocal = (index: number): number[] => [0x22, index];
const constant = (value: number): number[] => [0x41, value];
const add = 0x6a;
const loop = [0x03, 0x40];
const again = [0x0d, 0x00];
const end = 0x0b;
const loadVector = (base: number, offset: number): number[] =>
  [local(base), local(at), add, [0xfd, 0x00, 0x00, offset]].flat();
const lane = (index: number): number[] => [...local(sum), 0xfd, 0x1b, index];

const [query, vectors, list, count, bytes, out] = [0, 1, 2, 3, 4, 5];
const [at, vector, sum, second] = [6, 7, 8, 9];

/** Adds the products of eight numbers to a sum, in pairs. */
const addProducts = (to: number, offset: number): number[] =>
  [
    [local(to), loadVector(query, offset), loadVector(vector, offset), 0xfd, 0xba, 0x01],
    [0xfd, 0xae, 0x01, setLocal(to)],
  ].flat(2);

const body = [
  // two i32 and two v128
  [0x02, 0x02, 0x7f, 0x02, 0x7b],
  [0x02, 0x40, local(count), 0x45, again],
  loop,
  // vector = vectors + list[0] · bytes
  [local(vectors), local(list), 0x28, 0x02, 0x00, local(bytes), 0x6c, add, setLocal(vector)],
  [constant(0), 0xfd, 0x11, teeLocal(sum), setLocal(second), constant(0), setLocal(at)],
  loop,
  [addProducts(sum, 0), addProducts(second, 16)],
  [local(at), constant(32), add, teeLocal(at), local(bytes), 0x49, again, end],
  [local(sum), local(second), 0xfd, 0xae, 0x01, setLocal(sum)],
  [local(out), lane(0), lane(1), add, lane(2), add, lane(3), add, 0x36, 0x02, 0x00],
  [local(out), constant(4), add, setLocal(out)],
  [local(list), constant(4), add, setLocal(list)],
  [local(count), constant(1), 0x6b, teeLocal(count), again],
  [end, end, end],
].flat(2);

const binary = Uint8Array.from(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    section(1, [1, 0x60, 6, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0]),
    section(2, [1, 1, 0x6d, 1, 0x6d, 0x02, 0x00, 0x01]),
    section(3, [1, 0]),
    section(7, [1, 1, 0x64, 0x00, 0x00]),
    section(10, [1, ...sized(body)]),
  ].flat(),
);

/**
 * Writes one 32-bit sum to `out` for each of `count` vectors, whose numbers stand in `list`. All but `count` and
 * `bytes` are addresses in the memory; `bytes` is the length of a vector, a multiple of 32.
 */
export type DotKernel = (
  query: number,
  vectors: number,
  list: number,
  count: number,
  bytes: number,
  out: number,
) => void;

/** Of what the compiler's libraries do not tell without those of browsers. */
declare const WebAssembly: {
  Memory: new (limits: { initial: number }) => KernelMemory;
  Module: new (binary: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, unknown> };
};

export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  /** @param pages of 64 KiB, on top of those that are there */
  grow(pages: number): number;
}

let compiled: object | undefined;

/** @param pages of 64 KiB */
export function makeKernel(pages: number): { memory: KernelMemory; kernel: DotKernel } {
  compiled ??= new WebAssembly.Module(binary);
  const memory = new WebAssembly.Memory({ initial: pages });
  const { exports } = new WebAssembly.Instance(compiled, { m: { m: memory } });
  return { memory, kernel: exports['d'] as DotKernel };
}
