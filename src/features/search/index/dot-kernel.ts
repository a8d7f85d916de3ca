// Two WebAssembly functions, written by hand: they multiply a vector with many others of 8-bit numbers, eight or
// sixteen at a time. JavaScript has no such instruction.
import {
  add,
  block,
  constant,
  end,
  f32,
  floatAdd,
  floatFromNumber,
  floatIsAtLeast,
  floatMultiply,
  header,
  i32,
  importedMemory,
  instantiate,
  isLess,
  jumpIf,
  type KernelMemory,
  loadFloat,
  loadNumber,
  local,
  loop,
  multiply,
  section,
  setLocal,
  shiftLeft,
  sized,
  storeFloat,
  storeNumber,
  subtract,
  teeLocal,
  unsigned,
} from '../wasm-code.js';

/** Bytes before the coarse numbers of a vector, with what `survey` needs to know of it. */
export const headBytes = 16;
/** Places in the head: a sum to subtract, the step of the coarse numbers, and the most that they can lack. */
export const [offsetPlace, stepPlace, lackPlace] = [0, 4, 8];
/** Bits of the lower of the two digits of a query's number. */
export const digitBits = 7;
/** Bytes of a finding of `survey`. */
const findingBits = 3;
/** Vectors that `survey` compares at once: its list has a multiple of these. */
export const surveyed = 4;
/** Numbers of one step through a vector. */
export const numbersOfStep = 64;

type Code = readonly (number | Code)[];
const flatten = (code: Code): number[] =>
  code.flatMap((part) => (typeof part === 'number' ? [part] : flatten(part)));

const again = jumpIf(0);
const v128 = 0x7b;
const load = (base: number, offset: number): Code => [local(base), 0xfd, 0x00, 0x00, unsigned(offset)];
const addAll = [0xfd, 0xae, 0x01];
const addPairs = [0xfd, 0xba, 0x01];
const noSums = [constant(0), 0xfd, 0x11];
/** The sum of the four numbers of a vector. */
const total = (sum: number): Code =>
  [0, 1, 2, 3].map((lane) => [local(sum), 0xfd, 0x1b, lane, lane > 0 ? add : []]);
const step = (pointer: number, bytes: number): Code => [
  local(pointer),
  constant(bytes),
  add,
  setLocal(pointer),
];
const times = (count: number, code: (index: number) => Code): Code =>
  Array.from({ length: count }, (_, at) => code(at));

function multiplyCode(): Code {
  const [query, list, count, length, out] = [0, 1, 2, 3, 4];
  const [rest, vector, asked, sum] = [5, 6, 7, 8];
  /** Eight bytes become numbers of 16 bits. */
  const addProducts = (at: number): Code => [
    [local(sum), load(asked, 16 * at), local(vector), 0xfd, 0x01, 0x00, 8 * at],
    [addPairs, addAll, setLocal(sum)],
  ];
  return [
    [2, 3, i32, 1, v128],
    [block, local(count), 0x45, again],
    loop,
    [local(list), loadNumber, setLocal(vector), local(query), setLocal(asked), local(length), setLocal(rest)],
    [noSums, setLocal(sum)],
    [
      loop,
      times(numbersOfStep / 8, addProducts),
      step(vector, numbersOfStep),
      step(asked, 2 * numbersOfStep),
    ],
    [local(rest), constant(numbersOfStep), subtract, teeLocal(rest), again, end],
    [local(out), total(sum), storeNumber],
    [step(out, 4), step(list, 4)],
    [local(count), constant(1), subtract, teeLocal(count), again],
    [end, end, end],
  ];
}

/**
 * Passes four parts of the list at once: a processor fetches what follows in memory from several places better than from
 * one, and each digit of the query is read once for four vectors. Without a branch: each finding is written, and stays
 * only where the product can be as great as is needed.
 */
function surveyCode(): Code {
  const [query, list, count, length, out, scale, needed] = [0, 1, 2, 3, 4, 5, 6];
  const [rest, asked, place, most, high, low] = [7, 8, 9, 18, 19, 20];
  const addresses = (part: number): number => 10 + part;
  const vector = (part: number): number => 14 + part;
  const highs = (part: number): number => 21 + part;
  const lows = (part: number): number => 25 + part;
  const forAll = (code: (part: number) => Code): Code => times(surveyed, code);
  /** `i32x4.relaxed_dot_i8x16_i7x16_add_s`, exact for digits of seven bits. */
  const addProducts = (sum: number, part: number, place: number, digits: number): Code => [
    [load(vector(part), headBytes + place), local(digits), local(sum), 0xfd, 0x93, 0x02, setLocal(sum)],
  ];
  const sixteen = (at: number): Code => [
    [load(asked, 32 * at), setLocal(high), load(asked, 32 * at + 16), setLocal(low)],
    forAll((part) => [
      addProducts(highs(part), part, 16 * at, high),
      addProducts(lows(part), part, 16 * at, low),
    ]),
  ];
  const fromHead = (part: number, [load = 0, align = 0]: number[], offset: number): Code => [
    local(vector(part)),
    [load, align, offset],
  ];
  return [
    [3, 11, i32, 1, f32, 10, v128],
    [block, local(count), 0x45, again],
    forAll((part) => [
      [local(list), constant(4 * part), local(count), multiply, add, setLocal(addresses(part))],
    ]),
    loop,
    forAll((part) => [
      [local(addresses(part)), loadNumber, setLocal(vector(part))],
      [noSums, teeLocal(highs(part)), setLocal(lows(part))],
    ]),
    [local(query), setLocal(asked), local(length), setLocal(rest)],
    [loop, times(numbersOfStep / 16, sixteen), forAll((part) => step(vector(part), numbersOfStep))],
    [step(asked, 2 * numbersOfStep)],
    [local(rest), constant(numbersOfStep), subtract, teeLocal(rest), again, end],
    forAll((part) => [
      // both digits
      [local(highs(part)), constant(digitBits), 0xfd, 0xab, 0x01, local(lows(part)), addAll, setLocal(high)],
      [local(addresses(part)), loadNumber, setLocal(vector(part))],
      [total(high), fromHead(part, loadNumber, offsetPlace), subtract, floatFromNumber],
      [fromHead(part, loadFloat, stepPlace), floatMultiply, local(scale), floatMultiply],
      [fromHead(part, loadFloat, lackPlace), floatAdd, setLocal(most)],
      [local(out), local(place), constant(part), local(count), multiply, add, storeNumber],
      [local(out), local(most), storeFloat(4)],
      [
        local(most),
        local(needed),
        floatIsAtLeast,
        constant(findingBits),
        shiftLeft,
        local(out),
        add,
        setLocal(out),
      ],
      step(addresses(part), 4),
    ]),
    [step(place, 1), local(place), local(count), isLess, again],
    [end, end, local(out), end],
  ];
}

const signatures = [
  [0x60, 5, i32, i32, i32, i32, i32, 0],
  [0x60, 7, i32, i32, i32, i32, i32, f32, f32, 1, i32],
];
const bodies = [multiplyCode(), surveyCode()].map((code) => sized(flatten(code)));
const binary = Uint8Array.from(
  [
    header,
    section(1, [2, ...signatures.flat()]),
    importedMemory,
    section(3, [2, 0, 1]),
    section(7, [2, 1, 0x6d, 0x00, 0x00, 1, 0x73, 0x00, 0x01]),
    section(10, [2, ...bodies.flat()]),
  ].flat(),
);

export interface DotKernels {
  memory: KernelMemory;
  /**
   * Writes one 32-bit sum to `out` for each of the `count` vectors of bytes whose addresses stand in `list`. `query`
   * is the address of as many numbers of 16 bits as a vector has: `length`, a multiple of 64.
   */
  multiply: (query: number, list: number, count: number, length: number, out: number) => void;
  /**
   * Finds the vectors whose product with a query can be `needed` or more. `list` has four times `count` addresses of heads.
   * `query` has two digits of each number, by 16 of each. Writes place in the list and greatest possible product of each
   * to `out`. @param scale of the products @returns the address behind the last
   */
  survey: (
    query: number,
    list: number,
    count: number,
    length: number,
    out: number,
    scale: number,
    needed: number,
  ) => number;
}

/** @param pages of 64 KiB */
export function makeKernels(pages: number): DotKernels {
  const { memory, exports } = instantiate(binary, pages);
  return {
    memory,
    multiply: exports['m'] as DotKernels['multiply'],
    survey: exports['s'] as DotKernels['survey'],
  };
}
