import type { Group } from './rtf-group.js';
import { encodingOfCharset, encodingOfCodePage } from './rtf-tokens.js';

/** The encodings of a document and of its fonts. */
export class RtfFonts {
  private readonly encodings = new Map<number, string>();
  private ofDocument = 'windows-1252';

  /** Control words of code pages and fonts; false for all others. */
  define(group: Group, word: string, value: number | null): boolean {
    switch (word) {
      case 'ansicpg':
        this.ofDocument = encodingOfCodePage(value ?? 1252);
        return true;
      case 'mac':
        this.ofDocument = 'macintosh';
        return true;
      case 'f':
        group.font = value ?? -1;
        if (group.destination !== 'fonts') group.encoding = this.encodings.get(group.font) ?? null;
        return true;
      case 'fcharset':
        // 0 stands for the encoding of the document
        this.describe(group, value === 0 ? undefined : encodingOfCharset(value ?? 0));
        return true;
      case 'cpg':
        this.describe(group, encodingOfCodePage(value ?? 0));
        return true;
      default:
        return false;
    }
  }

  findEncoding({ encoding }: Group): string {
    return encoding ?? this.ofDocument;
  }

  private describe({ destination, font }: Group, encoding: string | undefined): void {
    if (destination === 'fonts' && encoding !== undefined) this.encodings.set(font, encoding);
  }
}
