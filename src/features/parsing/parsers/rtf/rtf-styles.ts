import { effectsSetBy, type RtfEffects } from './rtf-effects.js';

/** The stylesheet of an RTF file: levels of headings, and how styles draw text. */
export class RtfStyles {
  private readonly headings = new Map<number, number>();
  private readonly effects = new Map<number, Partial<RtfEffects>>();
  private number = 0;
  private base = -1;
  private outline: number | null = null;

  /** A control word in the definition of a style. */
  define(word: string, value: number | null): void {
    if (word === 's' || word === 'cs') this.number = value ?? 0;
    else if (word === 'sbasedon') this.base = value ?? -1;
    else if (word === 'outlinelevel') this.outline = value;
  }

  /** The end of a definition. @param drawn the formatting that the definition sets */
  end(name: string, drawn: RtfEffects): void {
    const level = /^heading\s*([1-9])\s*;/i.exec(name)?.[1];
    if (level) this.headings.set(this.number, Number(level));
    else if (/^title\s*;/i.test(name)) this.headings.set(this.number, 0);
    else if (this.outline !== null && this.outline >= 0 && this.outline < 9)
      this.headings.set(this.number, this.outline + 1);
    const effects = { ...this.effects.get(this.base), ...effectsSetBy(drawn) };
    if (Object.keys(effects).length > 0) this.effects.set(this.number, effects);
    this.number = 0;
    this.base = -1;
    this.outline = null;
  }

  headingLevel(style: number): number | undefined {
    return this.headings.get(style);
  }

  /** The properties that a paragraph or character style sets. */
  drawn(style: number | null): Partial<RtfEffects> {
    return this.effects.get(style ?? 0) ?? {};
  }
}
