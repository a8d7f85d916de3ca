// The few words of WebAssembly's binary format that the kernels written by hand need. A compiler for some thirty
// lines would be one more tool to build with.

/** A number without sign, seven bits at a time. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

export const sized = (body: number[]): number[] => [...unsigned(body.length), ...body];
export const section = (id: number, body: number[]): number[] => [id, ...sized(body)];
export const header = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
/** Imports the memory `m.m`. */
export const importedMemory = section(2, [1, 1, 0x6d, 1, 0x6d, 0x02, 0x00, 0x01]);

export const i32 = 0x7f;
export const f32 = 0x7d;
export const local = (index: number): number[] => [0x20, index];
export const setLocal = (index: number): number[] => [0x21, index];
export const teeLocal = (index: number): number[] => [0x22, index];
/** @param value from 0 on */
export function constant(value: number): number[] {
  const bytes = unsigned(value);
  // the highest bit of the last byte's seven is a sign
  const isNegative = ((bytes.at(-1) ?? 0) & 0x40) !== 0;
  return [0x41, ...(isNegative ? [...bytes.slice(0, -1), (bytes.at(-1) ?? 0) | 0x80, 0] : bytes)];
}

export const block = [0x02, 0x40];
export const loop = [0x03, 0x40];
export const end = 0x0b;
/** @param depth 0 for the innermost block or loop */
export const jump = (depth: number): number[] => [0x0c, depth];
export const jumpIf = (depth: number): number[] => [0x0d, depth];

export const equal = 0x46;
export const isLess = 0x49;
export const isAtLeast = 0x4f;
export const add = 0x6a;
export const subtract = 0x6b;
export const multiply = 0x6c;
export const and = 0x71;
export const or = 0x72;
export const shiftLeft = 0x74;
export const loadByte = (offset = 0): number[] => [0x2d, 0, ...unsigned(offset)];
export const storeByte = [0x3a, 0, 0];
export const loadNumber = [0x28, 2, 0];
export const storeNumber = [0x36, 2, 0];
export const loadFloat = [0x2a, 2, 0];
export const storeFloat = (offset: number): number[] => [0x38, 2, ...unsigned(offset)];
export const floatFromNumber = 0xb2;
export const floatAdd = 0x92;
export const floatMultiply = 0x94;
export const floatIsAtLeast = 0x60;

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

const compiled = new WeakMap<Uint8Array, object>();

/** @param binary a module that imports the memory `m.m` @param pages of 64 KiB */
export function instantiate(
  binary: Uint8Array,
  pages: number,
): { memory: KernelMemory; exports: Record<string, unknown> } {
  const module = compiled.get(binary) ?? new WebAssembly.Module(binary);
  compiled.set(binary, module);
  const memory = new WebAssembly.Memory({ initial: pages });
  return { memory, exports: new WebAssembly.Instance(module, { m: { m: memory } }).exports };
}
