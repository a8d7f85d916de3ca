// One WebAssembly function, written by hand: it multiplies a vector of 16-bit numbers with many others, eight
// numbers at a time. JavaScript has no such instruction.
import {
  add,
  block,
  constant,
  end,
  header,
  i32,
  importedMemory,
  instantiate,
  isLess,
  jumpIf,
  type KernelMemory,
  loadNumber,
  local,
  loop,
  multiply,
  section,
  setLocal,
  sized,
  storeNumber,
  subtract,
  teeLocal,
} from '../wasm-code.js';

const again = jumpIf(0);
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
  [0x02, 0x02, i32, 0x02, 0x7b],
  [block, local(count), 0x45, again],
  loop,
  // vector = vectors + list[0] · bytes
  [local(vectors), local(list), loadNumber, local(bytes), multiply, add, setLocal(vector)],
  [constant(0), 0xfd, 0x11, teeLocal(sum), setLocal(second), constant(0), setLocal(at)],
  loop,
  [addProducts(sum, 0), addProducts(second, 16)],
  [local(at), constant(32), add, teeLocal(at), local(bytes), isLess, again, end],
  [local(sum), local(second), 0xfd, 0xae, 0x01, setLocal(sum)],
  [local(out), lane(0), lane(1), add, lane(2), add, lane(3), add, storeNumber],
  [local(out), constant(4), add, setLocal(out)],
  [local(list), constant(4), add, setLocal(list)],
  [local(count), constant(1), subtract, teeLocal(count), again],
  [end, end, end],
].flat(3);

const binary = Uint8Array.from(
  [
    header,
    section(1, [1, 0x60, 6, i32, i32, i32, i32, i32, i32, 0]),
    importedMemory,
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

/** @param pages of 64 KiB */
export function makeKernel(pages: number): { memory: KernelMemory; kernel: DotKernel } {
  const { memory, exports } = instantiate(binary, pages);
  return { memory, kernel: exports['d'] as DotKernel };
}
