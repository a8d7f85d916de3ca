import type { WarningParams } from '../../../../common/warnings.js';
import type { ParseWarning } from '../../parsed-document.js';

/** Kinds of hidden content, in words for one and for several. */
const words = {
  text: ['paragraph with hidden text', 'paragraphs with hidden text'],
  element: ['hidden element', 'hidden elements'],
  sheet: ['hidden sheet', 'hidden sheets'],
  row: ['hidden row', 'hidden rows'],
  column: ['hidden column', 'hidden columns'],
  cell: ['hidden cell', 'hidden cells'],
  slide: ['hidden slide', 'hidden slides'],
  shape: ['hidden shape', 'hidden shapes'],
  line: ['line of invisible text', 'lines of invisible text'],
  layer: ['line in a hidden layer', 'lines in hidden layers'],
  outside: ['line outside the visible page', 'lines outside the visible page'],
  field: ['hidden form field', 'hidden form fields'],
} as const;
export type HiddenKind = keyof typeof words;

/** Kinds of content without text, in words for one and for several. */
const unreadWords = {
  picture: ['picture', 'pictures'],
  chart: ['chart', 'charts'],
  object: ['embedded object', 'embedded objects'],
  file: ['file that it refers to', 'files that it refers to'],
} as const;
export type UnreadKind = keyof typeof unreadWords;

const maxNames = 10;
const maxPages = 1_000;

/**
 * Counts the content of a document that does not reach its text: hidden content, of which it also decides
 * whether it is kept, and pictures, charts and objects without text.
 */
export class Omissions {
  private readonly unread = new Map<UnreadKind, number>();
  private readonly unreadPages: number[] = [];
  private readonly counts = new Map<HiddenKind, number>();
  private readonly names = new Map<HiddenKind, string[]>();
  private readonly pages: number[] = [];
  private white = 0;

  /** @param keep keep hidden text, marked as such */
  constructor(readonly keep: boolean) {}

  add(
    kind: HiddenKind,
    { name, page, times = 1 }: { name?: string; page?: number; times?: number } = {},
  ): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + times);
    const names = this.names.get(kind) ?? [];
    if (name !== undefined && names.length < maxNames) names.push(name.slice(0, 60));
    this.names.set(kind, names);
    addPage(this.pages, page);
  }

  /**
   * Content that a reader sees and that has no text: a picture without a description, a chart without data.
   */
  addUnread(kind: UnreadKind, page?: number): void {
    this.unread.set(kind, (this.unread.get(kind) ?? 0) + 1);
    addPage(this.unreadPages, page);
  }

  /** Text in the colour of its background: it is kept, since the background is never certain. */
  addWhite(): void {
    this.white++;
  }

  warnings(): ParseWarning[] {
    const warnings: ParseWarning[] = [];
    if (this.counts.size > 0) {
      const what = [...this.counts].map(([kind, count]) => this.describe(kind, count)).join(', ');
      warnings.push({
        code: this.keep ? 'hidden_included' : 'hidden_left_out',
        detail: this.keep
          ? `Included and marked although the document hides it: ${what}.`
          : `Left out because the document hides it: ${what}. Upload it with include_hidden to keep it.`,
        ...(this.pages.length > 0 && { pages: this.pages }),
        params: this.params(),
      });
    }
    if (this.white > 0) {
      const where = this.white === 1 ? '1 passage is' : `${this.white} passages are`;
      warnings.push({
        code: 'white_text',
        detail: `${where} written in the colour of the background.`,
        params: { count: this.white },
      });
    }
    if (this.unread.size > 0) warnings.push(this.unreadWarning());
    return warnings;
  }

  private unreadWarning(): ParseWarning {
    const counts = [...this.unread].map(
      ([kind, count]) => `${count} ${unreadWords[kind][count === 1 ? 0 : 1]}`,
    );
    return {
      code: 'content_without_text',
      detail: `The text lacks what these show: ${counts.join(', ')}. Only text and descriptions are read.`,
      params: Object.fromEntries(this.unread),
      ...(this.unreadPages.length > 0 && { pages: this.unreadPages }),
    };
  }

  private params(): WarningParams {
    const names = [...this.names.values()].flat();
    return { ...Object.fromEntries(this.counts), ...(names.length > 0 && { names: names.join(', ') }) };
  }

  private describe(kind: HiddenKind, count: number): string {
    const names = this.names.get(kind) ?? [];
    const list = names.length > 0 ? ` (${names.join(', ')}${count > names.length ? ', …' : ''})` : '';
    return `${count} ${words[kind][count === 1 ? 0 : 1]}${list}`;
  }
}

function addPage(pages: number[], page: number | undefined): void {
  if (page !== undefined && pages.length < maxPages && !pages.includes(page)) pages.push(page);
}
