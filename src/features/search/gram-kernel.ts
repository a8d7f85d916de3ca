// Two WebAssembly functions, written by hand, for the two loops that pass each character of each candidate:
// JavaScript checks each access for the bounds of its array, which takes twice as long as the work.
import {
  add,
  and,
  block,
  constant,
  end,
  equal,
  header,
  i32,
  importedMemory,
  instantiate,
  isAtLeast,
  jump,
  jumpIf,
  loadByte,
  local,
  loop,
  or,
  section,
  setLocal,
  shiftLeft,
  sized,
  storeByte,
  storeNumber,
  subtract,
  teeLocal,
} from './wasm-code.js';

/** The place of the space, with which every plain text begins. */
export const spacePlace = 1;
/** Bits that number the entries of `entered`, a table of 256 KiB. */
export const maxEntranceBits = 18;

// addresses in the memory; behind them text, places and ends
const stopped = 0;
const ascii = 64;
const entered = 1024;
const textStart = entered + (1 << maxEntranceBits);
const pageBytes = 1 << 16;

/**
 * Writes the place of each byte from `from` on, up to the first that is not ASCII; a second space is written over,
 * without a branch that a processor would guess wrongly. Leaves in `stopped` where it stopped.
 * Returns the address behind the last place.
 */
function readCode(): number[] {
  const [from, to, into, last, place] = [0, 1, 2, 3, 4];
  return [
    [1, 2, i32],
    [local(into), constant(1), subtract, loadByte(), constant(spacePlace), equal, setLocal(last)],
    [block, loop],
    [local(from), local(to), isAtLeast, jumpIf(1)],
    [local(from), loadByte(), teeLocal(place), constant(0x80), isAtLeast, jumpIf(1)],
    [local(into), local(place), loadByte(ascii), teeLocal(place), storeByte],
    [local(into), constant(1), add, local(place), constant(spacePlace), equal, teeLocal(place)],
    [local(last), and, subtract, setLocal(into), local(place), setLocal(last)],
    [local(from), constant(1), add, setLocal(from), jump(0)],
    [end, end, constant(stopped), local(from), storeNumber, local(into), end],
  ].flat(3);
}

/**
 * Notes where the shortest grams end, also without a branch: each place is noted, and stays only where `entered` has
 * a 1 for the last places. Returns the address behind the last note.
 */
function findCode(): number[] {
  const [at, to, into, bits, mask, first, code] = [0, 1, 2, 3, 4, 5, 6];
  return [
    [1, 1, i32],
    [block, loop],
    [local(at), local(to), isAtLeast, jumpIf(1)],
    [local(into), local(at), local(first), subtract, storeNumber],
    [local(code), local(bits), shiftLeft, local(at), loadByte(), or, local(mask), and, teeLocal(code)],
    [loadByte(entered), constant(2), shiftLeft, local(into), add, setLocal(into)],
    [local(at), constant(1), add, setLocal(at), jump(0)],
    [end, end, local(into), end],
  ].flat(3);
}

const binary = Uint8Array.from(
  [
    header,
    section(1, [2, 0x60, 3, i32, i32, i32, 1, i32, 0x60, 6, i32, i32, i32, i32, i32, i32, 1, i32]),
    importedMemory,
    section(3, [2, 0, 1]),
    section(7, [2, 1, 0x72, 0x00, 0x00, 1, 0x66, 0x00, 0x01]),
    section(10, [2, ...sized(readCode()), ...sized(findCode())]),
  ].flat(),
);

interface Kernel {
  r(from: number, to: number, into: number): number;
  f(at: number, to: number, into: number, bits: number, mask: number, first: number): number;
}

/** Memory for the characters of one text after another, as their places among those of a question. */
export class GramMemory {
  /** Of the loaded text, at its addresses. */
  bytes: Buffer;
  /** By byte of ASCII. */
  readonly ascii: Uint8Array;
  /** 1 for the last places of a text where a shortest gram ends. */
  readonly entered: Uint8Array;
  readonly places: Uint8Array;
  /** Where the shortest grams end. */
  readonly ends: Uint32Array;
  private readonly kernel: Kernel;
  private readonly stopped: Uint32Array;

  /** @param maxText bytes of a text @param maxPlaces places of a text */
  constructor(
    readonly maxText: number,
    readonly maxPlaces: number,
  ) {
    const placesStart = textStart + maxText;
    const endsStart = (placesStart + maxPlaces + 3) & ~3;
    const { memory, exports } = instantiate(binary, Math.ceil((endsStart + 4 * (maxPlaces + 1)) / pageBytes));
    const { buffer } = memory;
    this.kernel = exports as unknown as Kernel;
    this.bytes = Buffer.from(buffer);
    this.stopped = new Uint32Array(buffer, stopped, 1);
    this.ascii = new Uint8Array(buffer, ascii, 0x80);
    this.entered = new Uint8Array(buffer, entered, 1 << maxEntranceBits);
    this.places = new Uint8Array(buffer, placesStart, maxPlaces);
    this.ends = new Uint32Array(buffer, endsStart, maxPlaces + 1);
  }

  /** A memory with more room and the same in it. @param used places */
  enlarge(maxText: number, maxPlaces: number, used: number): GramMemory {
    const larger = new GramMemory(roundUp(maxText, this.maxText), roundUp(maxPlaces, this.maxPlaces));
    this.bytes.copy(larger.bytes, 0, 0, textStart + this.maxText);
    larger.places.set(this.places.subarray(0, used));
    return larger;
  }

  /** Puts a text into the memory. @returns its address */
  load(bytes: Buffer, start: number, to: number): number {
    bytes.copy(this.bytes, textStart, start, to);
    return textStart;
  }

  /**
   * Appends the places of the bytes from an address on, up to one that is not ASCII; a second space is left out.
   * @param length places that are read, at least one @returns how many they are then, and where it stopped
   */
  readAscii(from: number, to: number, length: number): { length: number; at: number } {
    const first = this.places.byteOffset;
    const into = this.kernel.r(from, to, first + length);
    return { length: into - first, at: this.stopped[0] as number };
  }

  /** Notes in `ends` where the shortest grams end. @returns how many there are */
  findEnds(length: number, bits: number, mask: number): number {
    const { byteOffset: first } = this.places;
    const { byteOffset: into } = this.ends;
    return (this.kernel.f(first, first + length, into, bits, mask, first) - into) >> 2;
  }
}

/** The first number from `least` on, doubled time and again, that is as large as `wanted`. */
const roundUp = (wanted: number, least: number): number => {
  let size = least;
  while (size < wanted) size *= 2;
  return size;
};
