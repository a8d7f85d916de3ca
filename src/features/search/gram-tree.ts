import { isFolded } from '../../common/text/stemming.js';
import { WordCache } from '../../common/text/word-cache.js';
import { dependent, dropped, several } from './character-table.js';
import { foldedUnits, plainCharacters, plainUnits } from './plain-units.js';
import { bytesOfCharacter, unitAt, Utf8Text } from './utf8-text.js';

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
/** 1 for each entrance that is used. */
const entered = new Uint8Array(1 << maxEntranceBits);
let read = new Uint8Array(1 << 14);
/** Where the shortest grams end in the text. */
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
  /** The bits of as many places as the shortest gram has; 0 when they are too many for `entrances`. */
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
    for (const code of this.codes.splice(0)) entrances[code] = entered[code] = 0;
    return { found, lengths };
  }

  /**
   * Notes the node of each shortest gram by the places of its
   * characters: most grams of a text are not in the question.
   */
  private enter(node: number, code: number, depth: number): void {
    if (depth === this.sizes.shortest) {
      entrances[code] = node;
      entered[code] = 1;
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
    const count = this.findEnds(length);
    for (let index = 0; index < count; index++) {
      const last = ends[index] as number;
      let code = 0;
      for (let at = Math.max(0, last + 1 - shortest); at <= last; at++)
        code = (code << bits) | (places[at] as number);
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

  /**
   * Notes in `ends` where the shortest grams end. Without a branch: a
   * processor that has to guess whether there is a gram loses more time than a write takes.
   * @returns how many there are
   */
  private findEnds(length: number): number {
    const { bits, mask } = this;
    const [places, into, isEntrance] = [read, ends, entered];
    let code = 0;
    let count = 0;
    for (let at = 0; at < length; at++) {
      code = ((code << bits) | (places[at] as number)) & mask;
      into[count] = at;
      count += isEntrance[code] as number;
    }
    return count;
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

  /** Puts the places of a text's characters into `read`. @returns how many they are */
  private read({ before, text }: GramText): number {
    if (before === '') {
      read[0] = spacePlace;
      return this.readOn(text, 1) ?? this.readWords(text, 1) ?? this.readUnits(plainUnits(text.toString()));
    }
    const length = this.readUnits(plainUnits(before));
    return (
      this.readOn(text, length) ??
      this.readWords(text, length) ??
      this.readUnits(plainUnits(`${before}\n${text.toString()}`))
    );
  }

  private readUnits(units: Uint16Array): number {
    makeRoom(0, units.length);
    for (let at = 0; at < units.length; at++) read[at] = this.places[units[at] as number] as number;
    return units.length;
  }

  /** @param from where a space was read before @returns null when characters depend on their neighbours */
  private readOn({ bytes, start, end }: Utf8Text, from: number): number | null {
    makeRoom(from, end - start);
    let length = from;
    for (let at = start; at < end;) {
      const to = findByte(bytes, at, end);
      length = this.readAscii(bytes, at, to, length);
      for (at = to; at < end && (bytes[at] as number) >= 0x80; at += bytesOfCharacter(bytes[at] as number)) {
        const after = this.readCharacter(unitAt(bytes, at), length);
        if (after === null) return null;
        length = after;
      }
    }
    if (read[length - 1] !== spacePlace) read[length++] = spacePlace;
    return length;
  }

  /**
   * A text with characters that depend on their neighbours, word by word: no character depends on one beyond a space.
   * @param from where a space was read before @returns null when a word depends on the rest of the text
   */
  private readWords({ bytes, start, end }: Utf8Text, from: number): number | null {
    let length = from;
    for (let at = start; at < end;) {
      let to = at;
      let isStretched = false;
      for (; to < end && (bytes[to] as number) > spaceByte; to++)
        if (bytes[to] === tatweel[0] && bytes[to + 1] === tatweel[1]) isStretched = true;
      if (to > at) {
        const word = new Utf8Text(bytes, at, to);
        const own = isStretched ? null : this.readOn(word, length);
        const after = own ?? this.readFolded(word.toString(), length);
        if (after === null) return null;
        length = after;
      }
      at = to + 1;
    }
    return length;
  }

  private readFolded(word: string, length: number): number | null {
    // whether accents of other scripts are dropped is decided for a text as a whole
    if (!isFolded(word)) return null;
    const units = unitsOfWords.of(word, foldedUnits);
    makeRoom(length, units.length);
    let count = length;
    for (let at = 1; at < units.length; at++) read[count++] = this.places[units[at] as number] as number;
    return count;
  }

  /**
   * Without a branch, as `findEnds`: a second space is written over.
   * @param length places that are read @returns the same with these
   */
  private readAscii(bytes: Buffer, from: number, to: number, length: number): number {
    const { ascii } = this;
    const into = read;
    let count = length;
    let last = into[length - 1] === spacePlace ? 1 : 0;
    for (let at = from; at < to; at++) {
      const place = ascii[bytes[at] as number] as number;
      const isSpace = place === spacePlace ? 1 : 0;
      into[count] = place;
      count += 1 - (isSpace & last);
      last = isSpace;
    }
    return count;
  }

  private readCharacter(unit: number, length: number): number | null {
    const next = plainCharacters.at(unit);
    if (next === dropped) return length;
    if (next === dependent) return null;
    let count = length;
    if (next === several)
      for (const part of plainCharacters.expansion(unit))
        read[count++] = this.places[part.charCodeAt(0)] as number;
    else {
      const place = this.places[next] as number;
      if (place !== spacePlace || read[count - 1] !== spacePlace) read[count++] = place;
    }
    return count;
  }
}

/** Where the first byte of a character beyond ASCII is; `end` without one. */
function findByte(bytes: Buffer, from: number, end: number): number {
  let at = from;
  while (at < end && (bytes[at] as number) < 0x80) at++;
  return at;
}

const spaceByte = 0x20;
/** The sign that stretches Arabic words: it is dropped beside letters, and alone no letter of a script. */
const tatweel = [0xd9, 0x80];
const maxRemembered = 20_000;
/** Words whose characters depend on their neighbours: texts repeat them. */
const unitsOfWords = new WordCache<Uint16Array>(maxRemembered);

/** Units that a byte of UTF-8 becomes at most: three become 18 (ﷺ). */
const maxUnitsOfByte = 6;

function makeRoom(used: number, bytes: number): void {
  const needed = used + bytes * maxUnitsOfByte + 1;
  if (needed <= read.length) return;
  const larger = new Uint8Array(needed);
  larger.set(read.subarray(0, used));
  read = larger;
  ends = new Uint32Array(needed);
}
