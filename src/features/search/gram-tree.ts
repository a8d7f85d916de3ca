import { dependent, dropped, several, space } from './character-table.js';
import { plainCharacters, plainUnits } from './plain-units.js';
import { bytesOfCharacter, unitAt, type Utf8Text } from './utf8-text.js';

export interface GramSizes {
  shortest: number;
  longest: number;
}

/** A text whose grams are counted: a line about it, or '', and what follows. */
export interface GramText {
  before: string;
  text: Utf8Text;
}

/** Maximum units of a question: more would not help to compare passages, and the tree stays small. */
const maxUnits = 2000;
const maxPlaces = 255;
/** Bits that number the entries of `entrances`, a table of 512 KiB. */
const maxEntranceBits = 18;
/** The place of the space, with which every plain text begins. */
const spacePlace = 1;

// Used by one question after another; each leaves the tables empty.
const entrances = new Uint16Array(1 << maxEntranceBits);
/** One bit for each entrance that is used: small enough to stay in the nearest cache of the processor. */
const entered = new Uint32Array(1 << (maxEntranceBits - 5));
let read = new Uint8Array(1 << 14);
/** Where the shortest grams of the question end in the text. */
let ends = new Uint32Array(1 << 14);

/**
 * The grams of a question as a tree of their characters. Its nodes are numbered; 0 is the root and no node at
 * once.
 */
export class GramTree {
  /** By code unit: the place of its character among those of the question, from 1; 0 for all others. */
  private readonly places = new Uint8Array(0x10000);
  /** The same by byte of ASCII, as it is written in a text. */
  private readonly ascii = new Uint8Array(0x80);
  private readonly children: Uint16Array;
  private readonly width: number;
  /** Bits of a place. */
  private readonly bits: number;
  private readonly codes: number[] = [];
  /** The text that is read: the places of its last characters, and how many `ends` it has. */
  private code = 0;
  private found = 0;
  private readonly mask: number;
  /**
   * How often the gram of each node occurs in the question; 0 when a node is only the beginning of longer
   * ones.
   */
  readonly counts: Uint16Array;
  nodes = 1;

  constructor(
    question: string,
    private readonly sizes: GramSizes,
  ) {
    const units = plainUnits(question).subarray(0, maxUnits);
    let characters = 0;
    for (const unit of units) {
      if (this.places[unit] === 0 && characters < maxPlaces) this.places[unit] = ++characters;
    }
    this.width = characters + 1;
    this.bits = 32 - Math.clz32(characters);
    const codeBits = this.bits * sizes.shortest;
    this.mask = codeBits <= maxEntranceBits ? (1 << codeBits) - 1 : 0;
    const maxNodes = Math.min(0xffff, units.length * sizes.longest + 1);
    this.children = new Uint16Array(maxNodes * this.width);
    this.counts = new Uint16Array(maxNodes);
    for (let start = 0; start < units.length; start++) this.add(units, start);
    for (let byte = 0; byte < 0x80; byte++)
      this.ascii[byte] = this.places[plainCharacters.at(byte)] as number;
  }

  private add(units: Uint16Array, start: number): void {
    // a gram must be complete
    if (start + this.sizes.shortest > units.length) return;
    let node = 0;
    for (let size = 1; size <= this.sizes.longest && start + size <= units.length; size++) {
      const place = this.places[units[start + size - 1] ?? 0] ?? 0;
      if (place === 0) return;
      const at = node * this.width + place;
      const child = this.children[at] || this.nodes;
      if (child >= this.counts.length) return;
      if (child === this.nodes) this.nodes++;
      this.children[at] = child;
      node = child;
      if (size >= this.sizes.shortest) this.counts[node] = (this.counts[node] ?? 0) + 1;
    }
  }

  /**
   * Counts, for each text and node, the grams that a text shares with the question.
   * @returns `nodes` counts for each text, one text after the other, and the units of each text
   */
  countIn(texts: readonly GramText[]): { found: Uint16Array; lengths: number[] } {
    const found = new Uint16Array(texts.length * this.nodes);
    if (this.mask !== 0) this.enter(0, 0, 0);
    const lengths = texts.map((text, index) => {
      const length = this.read(text);
      if (this.mask === 0) this.countFromRoot(length, found, index * this.nodes);
      else this.countFromEnds(length, found, index * this.nodes);
      return length;
    });
    for (const code of this.codes.splice(0)) entrances[code] = entered[code >>> 5] = 0;
    return { found, lengths };
  }

  /**
   * Notes the node of each shortest gram by the places of its
   * characters: most grams of a text are not in the question.
   */
  private enter(node: number, code: number, depth: number): void {
    if (depth === this.sizes.shortest) {
      entrances[code] = node;
      entered[code >>> 5] = (entered[code >>> 5] as number) | (1 << (code & 31));
      this.codes.push(code);
      return;
    }
    for (let place = 1; place < this.width; place++) {
      const child = this.children[node * this.width + place] ?? 0;
      if (child !== 0) this.enter(child, (code << this.bits) | place, depth + 1);
    }
  }

  /** Counts the grams that begin with one of the shortest, from where those end. */
  private countFromEnds(length: number, found: Uint16Array, offset: number): void {
    const { children, width, bits, mask } = this;
    const { shortest, longest } = this.sizes;
    const places = read;
    for (let index = 0; index < this.found; index++) {
      const last = ends[index] as number;
      let code = 0;
      for (let at = last + 1 - shortest; at <= last; at++) code = (code << bits) | (places[at] as number);
      let node = entrances[code & mask] as number;
      found[offset + node] = (found[offset + node] as number) + 1;
      const end = Math.min(length, last + 1 + longest - shortest);
      for (let at = last + 1; at < end; at++) {
        node = children[node * width + (places[at] as number)] as number;
        if (node === 0) break;
        found[offset + node] = (found[offset + node] as number) + 1;
      }
    }
  }

  private countFromRoot(length: number, found: Uint16Array, offset: number): void {
    const { children, width } = this;
    const { longest } = this.sizes;
    for (let start = 0; start < length; start++) {
      let node = 0;
      const end = Math.min(length, start + longest);
      for (let at = start; at < end; at++) {
        node = children[node * width + (read[at] as number)] as number;
        if (node === 0) break;
        found[offset + node] = (found[offset + node] as number) + 1;
      }
    }
  }

  /** Puts the places of a text's characters into `read`, and `ends`. @returns how many characters they are */
  private read({ before, text }: GramText): number {
    const begun = this.readUnits(before === '' ? new Uint16Array([space]) : plainUnits(before));
    const length = this.readOn(text, begun);
    if (length !== null) return length;
    return this.readUnits(plainUnits(before === '' ? text.toString() : `${before}\n${text.toString()}`));
  }

  private readUnits(units: Uint16Array): number {
    makeRoom(0, units.length);
    this.code = this.found = 0;
    for (let at = 0; at < units.length; at++) this.take(at, this.places[units[at] as number] as number);
    return units.length;
  }

  private take(at: number, place: number): void {
    read[at] = place;
    const code = ((this.code << this.bits) | place) & this.mask;
    this.code = code;
    if ((((entered[code >>> 5] as number) >>> (code & 31)) & 1) === 1) ends[this.found++] = at;
  }

  /** @param from where a space was read before @returns null when characters depend on their neighbours */
  private readOn({ bytes, start, end }: Utf8Text, from: number): number | null {
    makeRoom(from, end - start);
    const { ascii, places, bits, mask } = this;
    const [into, reached, isEntrance] = [read, ends, entered];
    let { code, found } = this;
    let length = from;
    let last = spacePlace;
    for (let at = start; at < end;) {
      const byte = bytes[at] as number;
      let place: number;
      if (byte < 0x80) {
        at++;
        place = ascii[byte] as number;
      } else {
        const unit = unitAt(bytes, at);
        at += bytesOfCharacter(byte);
        const next = plainCharacters.at(unit);
        if (next === dropped) continue;
        if (next === dependent) return null;
        if (next === several) {
          [this.code, this.found] = [code, found];
          for (const part of plainCharacters.expansion(unit))
            this.take(length++, (last = places[part.charCodeAt(0)] as number));
          ({ code, found } = this);
          continue;
        }
        place = places[next] as number;
      }
      if (place === spacePlace && last === spacePlace) continue;
      last = place;
      into[length] = place;
      code = ((code << bits) | place) & mask;
      if ((((isEntrance[code >>> 5] as number) >>> (code & 31)) & 1) === 1) reached[found++] = length;
      length++;
    }
    [this.code, this.found] = [code, found];
    if (last !== spacePlace) this.take(length++, spacePlace);
    return length;
  }
}

/** Units that a byte of UTF-8 becomes at most: three become 18 (ﷺ). */
const maxUnitsOfByte = 6;

function makeRoom(used: number, bytes: number): void {
  const needed = used + bytes * maxUnitsOfByte + 1;
  if (needed <= read.length) return;
  const [places, found] = [new Uint8Array(needed), new Uint32Array(needed)];
  places.set(read.subarray(0, used));
  found.set(ends.subarray(0, used));
  [read, ends] = [places, found];
}
