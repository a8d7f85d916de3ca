/** Maximum characters that are held back when white space could end them. */
const maxHeld = 2000;
const maxTagName = 12;
const elements = new Set('script style iframe object svg math template noscript title textarea'.split(' '));
const isSpace = (character: string): boolean => /\s/u.test(character);
/** Characters that may stand before the label of a link definition. */
const definitionPrefix = /[\s>*+\-\d.)]/u;

type Line = 'prefix' | 'label' | 'after label' | 'definition' | 'text';

/**
 * Reads a growing text, each character once. It knows whether the text read so far can still become part of a
 * link, an image, a link definition or a tag.
 */
class MarkupState {
  private depth = 0;
  private inTag = false;
  /** Letters after the last `<`; null outside of a tag's name. */
  private tagName: string | null = null;
  private readonly openElements = new Set<string>();
  private endsInBracket = false;
  private line: Line = 'prefix';
  /** The address of a definition may stand on the next line. */
  private awaitsAddress = false;

  read(character: string): void {
    this.readTag(character);
    this.readLine(character);
    if (character === '[' || character === '(') this.depth++;
    else if (character === ']' || character === ')') this.depth = Math.max(0, this.depth - 1);
    if (!isSpace(character)) this.endsInBracket = character === ']';
  }

  /** Called when white space follows a tag's name. */
  endWord(): void {
    if (this.tagName !== null) this.endTagName();
  }

  isClosed(): boolean {
    return (
      this.depth === 0 &&
      !this.inTag &&
      !this.endsInBracket &&
      this.openElements.size === 0 &&
      this.line !== 'definition'
    );
  }

  private readTag(character: string): void {
    if (character === '<') {
      this.endWord();
      this.tagName = '';
      return;
    }
    if (character === '>') {
      this.endWord();
      this.inTag = false;
      return;
    }
    if (this.tagName === null) return;
    if (this.tagName === '' && !/[a-z/!?]/iu.test(character)) {
      this.tagName = null;
      return;
    }
    this.inTag = true;
    const isName = character === '/' ? this.tagName === '' : /[a-z]/iu.test(character);
    if (isName && this.tagName.length < maxTagName) {
      this.tagName += character.toLowerCase();
      if (this.tagName.startsWith('/')) this.openElements.delete(this.tagName.slice(1));
    } else this.endTagName(/\w/u.test(character));
  }

  private endTagName(goesOn = false): void {
    if (!goesOn && this.tagName !== null && elements.has(this.tagName)) this.openElements.add(this.tagName);
    this.tagName = null;
  }

  private readLine(character: string): void {
    if (character === '\n') {
      const continues = this.line === 'definition' && this.awaitsAddress;
      this.awaitsAddress = false;
      this.line = continues ? 'definition' : 'prefix';
    } else if (this.line === 'prefix') {
      if (character === '[') this.line = 'label';
      else if (!definitionPrefix.test(character)) this.line = 'text';
    } else if (this.line === 'label') {
      if (character === ']') this.line = 'after label';
    } else if (this.line === 'after label') {
      this.line = character === ':' ? 'definition' : 'text';
      this.awaitsAddress = character === ':';
    } else if (!isSpace(character)) this.awaitsAddress = false;
  }
}

/**
 * Makes a stream of pieces inert: emits text that can no longer become part of a link and holds back the
 * rest. Takes linear time.
 */
export class InertStream {
  private readonly pieces: string[] = [];
  private length = 0;
  private state = new MarkupState();
  /**
   * Places where the held text can be cut: at white space outside of every bracket and tag, or at any white
   * space.
   */
  private closedAt = 0;
  private spaceAt = 0;

  constructor(private readonly settle: (text: string) => string) {}

  push(piece: string): string {
    this.read(piece);
    const cut = this.closedAt > 0 ? this.closedAt : this.length > maxHeld ? this.spaceAt : 0;
    if (cut === 0) return '';
    const held = this.pieces.join('');
    this.clear();
    // read the rest again from the start: it is made inert on its own
    this.read(held.slice(cut));
    return this.settle(held.slice(0, cut));
  }

  end(): string {
    const rest = this.pieces.join('');
    this.clear();
    return rest === '' ? '' : this.settle(rest);
  }

  private read(piece: string): void {
    for (const character of piece) {
      if (character === ' ' || character === '\n') {
        this.state.endWord();
        if (this.length > 0 && this.state.isClosed()) this.closedAt = this.length;
        if (character === ' ') this.spaceAt = this.length;
      }
      this.state.read(character);
      this.length += character.length;
    }
    if (piece !== '') this.pieces.push(piece);
  }

  private clear(): void {
    this.pieces.length = 0;
    this.length = 0;
    this.closedAt = 0;
    this.spaceAt = 0;
    this.state = new MarkupState();
  }
}
