import { RtfFonts } from './rtf-fonts.js';
import { firstGroup, type Group } from './rtf-group.js';
import { characters, destinations, skipped } from './rtf-words.js';
import { decode, rtfTokens, type RtfToken } from './rtf-tokens.js';

const headBytes = 4096;
const maxDepth = 2_000;

/** Outlook keeps the HTML of a message within RTF. */
export function carriesHtml(rtf: Buffer): boolean {
  return rtf.toString('latin1', 0, headBytes).includes('\\fromhtml');
}

/** Takes the HTML out of RTF that carries it, as [MS-OXRTFEX] describes. */
export function htmlFromRtf(rtf: Buffer): string {
  const reader = new HtmlReader();
  for (const token of rtfTokens(rtf)) reader.token(token);
  return reader.html.join('');
}

interface State extends Group {
  /** Within markup that only readers of RTF show. */
  isForRtf: boolean;
  isTag: boolean;
}

/** Collects the tags and the text between them; what only RTF shows is left out. */
class HtmlReader {
  readonly html: string[] = [];
  private state: State = { ...firstGroup, isForRtf: false, isTag: false };
  private readonly outer: State[] = [];
  private readonly fonts = new RtfFonts();
  private starred = false;
  private skip = 0;

  token(token: RtfToken): void {
    switch (token.kind) {
      case 'open':
        this.skip = 0;
        if (this.outer.length < maxDepth) this.outer.push({ ...this.state });
        return;
      case 'close':
        this.skip = 0;
        this.starred = false;
        this.state = this.outer.pop() ?? this.state;
        return;
      case 'bytes': {
        this.starred = false;
        const kept = this.skip > 0 ? token.bytes.slice(this.skip) : token.bytes;
        this.skip = Math.max(0, this.skip - token.bytes.length);
        return this.add(decode(kept, this.fonts.findEncoding(this.state)));
      }
      case 'word':
        return this.word(token.word, token.value);
    }
  }

  private word(word: string, value: number | null): void {
    const { starred } = this;
    this.starred = word === '*';
    if (word === '*' || this.enter(word, starred)) return;
    const character = characters.get(word) ?? (word === 'par' ? '\n' : undefined);
    if (character !== undefined) return this.add(character);
    if (this.fonts.define(this.state, word, value)) return;
    switch (word) {
      case 'htmlrtf':
        this.state.isForRtf = value !== 0;
        return;
      case 'uc':
        this.state.fallback = Math.min(20, Math.max(0, value ?? 1));
        return;
      case 'u':
        this.add(String.fromCharCode((value ?? 0) & 0xffff));
        this.skip = this.state.fallback;
        return;
      case 'plain':
        this.state.encoding = null;
    }
  }

  /** Control words that open a group of another kind. */
  private enter(word: string, starred: boolean): boolean {
    if (word === 'htmltag') this.state.isTag = true;
    else if (word === 'fonttbl') this.state.destination = 'fonts';
    else if (starred || skipped.has(word) || destinations.has(word)) this.state.destination = 'skip';
    else return false;
    return true;
  }

  private add(text: string): void {
    const { destination, isForRtf, isTag } = this.state;
    if (destination === 'body' && (isTag || !isForRtf)) this.html.push(text);
  }
}
