import { isFolded } from '../../common/text/stemming.js';
import { WordCache } from '../../common/text/word-cache.js';
import { dependent, dropped, several } from './character-table.js';
import { GramMemory, maxEntranceBits, spacePlace } from './gram-kernel.js';
import { foldedUnits, plainCharacters, plainUnits } from './plain-units.js';
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

// Used by one question after another; each leaves the tables empty.
/** The node of each shortest gram by the bits of its places. */
const entrances = new Uint16Array(1 << maxEntranceBits);
let shared: GramMemory | undefined;

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
  // with the first question: a kernel's memory takes up address space
  private memory = (shared ??= new GramMemory(1 << 14, 1 << 15));

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
    this.memory.ascii.set(this.ascii);
    if (this.mask !== 0) this.enter(0, 0, 0);
    try {
      return { found, lengths: texts.map((text, index) => this.count(text, found, index * this.nodes)) };
    } finally {
      for (const code of this.codes.splice(0)) entrances[code] = this.memory.entered[code] = 0;
    }
  }

  /** @param offset of the text's counts in `found` @returns its units */
  private count(text: GramText, found: Uint16Array, offset: number): number {
    const length = this.read(text);
    if (this.mask === 0) this.countFromRoot(length, found, offset);
    else this.countFromEnds(length, found, offset);
    return length;
  }

  /**
   * Notes the node of each shortest gram by the places of its
   * characters: most grams of a text are not in the question.
   */
  private enter(node: number, code: number, depth: number): void {
    if (depth === this.sizes.shortest) {
      entrances[code] = node;
      this.memory.entered[code] = 1;
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
    const { places, ends } = this.memory;
    const count = this.memory.findEnds(length, bits, mask);
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

  private countFromRoot(length: number, found: Uint16Array, offset: number): void {
    const { children, width } = this;
    const { longest } = this.sizes;
    const { places } = this.memory;
    for (let start = 0; start < length; start++) {
      let node = 0;
      const end = Math.min(length, start + longest);
      for (let at = start; at < end; at++) {
        node = children[node * width + (places[at] as number)] as number;
        if (node === 0) break;
        found[offset + node] = (found[offset + node] as number) + 1;
      }
    }
  }

  /** Reads the places of a text's characters into the memory. @returns how many they are */
  private read({ before, text }: GramText): number {
    let length = 1;
    if (before === '') this.memory.places[0] = spacePlace;
    else length = this.readUnits(plainUnits(before));
    this.makeRoom(length, text.length);
    const start = this.memory.load(text.bytes, text.start, text.end);
    const end = start + text.length;
    return (
      this.readOn(start, end, length) ??
      this.readWords(start, end, length) ??
      this.readUnits(plainUnits(before === '' ? text.toString() : `${before}\n${text.toString()}`))
    );
  }

  private readUnits(units: Uint16Array): number {
    this.makeRoom(0, units.length);
    const { places } = this.memory;
    for (let at = 0; at < units.length; at++) places[at] = this.places[units[at] as number] as number;
    return units.length;
  }

  /**
   * Reads the loaded text between two addresses.
   * @param from where a space was read before @returns null when characters depend on their neighbours
   */
  private readOn(start: number, end: number, from: number): number | null {
    const { bytes, places } = this.memory;
    let length = from;
    for (let at = start; at < end;) {
      ({ length, at } = this.memory.readAscii(at, end, length));
      for (; at < end && (bytes[at] as number) >= 0x80; at += bytesOfCharacter(bytes[at] as number)) {
        const after = this.readCharacter(unitAt(bytes, at), length);
        if (after === null) return null;
        length = after;
      }
    }
    if (places[length - 1] !== spacePlace) places[length++] = spacePlace;
    return length;
  }

  /**
   * A text with characters that depend on their neighbours, word by word: no character depends on one beyond a space.
   * @param from where a space was read before @returns null when a word depends on the rest of the text
   */
  private readWords(start: number, end: number, from: number): number | null {
    const { bytes } = this.memory;
    let length = from;
    for (let at = start; at < end;) {
      let to = at;
      let isStretched = false;
      for (; to < end && (bytes[to] as number) > spaceByte; to++)
        if (bytes[to] === tatweel[0] && bytes[to + 1] === tatweel[1]) isStretched = true;
      if (to > at) {
        const own = isStretched ? null : this.readOn(at, to, length);
        const after = own ?? this.readFolded(bytes.toString('utf8', at, to), length);
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
    this.makeRoom(length, units.length);
    const { places } = this.memory;
    let count = length;
    for (let at = 1; at < units.length; at++) places[count++] = this.places[units[at] as number] as number;
    return count;
  }

  private readCharacter(unit: number, length: number): number | null {
    const next = plainCharacters.at(unit);
    if (next === dropped) return length;
    if (next === dependent) return null;
    const { places } = this.memory;
    let count = length;
    if (next === several)
      for (const part of plainCharacters.expansion(unit))
        places[count++] = this.places[part.charCodeAt(0)] as number;
    else {
      const place = this.places[next] as number;
      if (place !== spacePlace || places[count - 1] !== spacePlace) places[count++] = place;
    }
    return count;
  }

  /** @param used places that stay @param bytes of a text that are read on from there */
  private makeRoom(used: number, bytes: number): void {
    const needed = used + bytes * maxUnitsOfByte + 1;
    if (needed > this.memory.maxPlaces || bytes > this.memory.maxText)
      this.memory = shared = this.memory.enlarge(bytes, needed, used);
  }
}

const spaceByte = 0x20;
/** The sign that stretches Arabic words: it is dropped beside letters, and alone no letter of a script. */
const tatweel = [0xd9, 0x80];
const maxRemembered = 20_000;
/** Words whose characters depend on their neighbours: texts repeat them. */
const unitsOfWords = new WordCache<Uint16Array>(maxRemembered);

/** Units that a byte of UTF-8 becomes at most: three become 18 (ﷺ). */
const maxUnitsOfByte = 6;
