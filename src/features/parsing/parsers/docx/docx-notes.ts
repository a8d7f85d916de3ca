import { oneLine } from '../shared/markdown-text.js';
import { elements, findAll, readText, type XmlElement } from '../shared/xml-tree.js';
import type { Block } from '../shared/blocks.js';

interface Comment {
  author: string;
  text: string;
}

/** Footnotes, endnotes and comments: numbered as they are met in the text, rendered at its end. */
export class DocxNotes {
  private readonly footnotes: Map<string, XmlElement>;
  private readonly endnotes: Map<string, XmlElement>;
  private readonly comments = new Map<string, Comment>();
  private readonly met: { kind: 'footnote' | 'endnote'; note: XmlElement }[] = [];
  private readonly numbers = new Map<XmlElement, number>();

  constructor(parts: {
    footnotes: XmlElement | null;
    endnotes: XmlElement | null;
    comments: XmlElement | null;
  }) {
    this.footnotes = notesById(parts.footnotes, 'w:footnote');
    this.endnotes = notesById(parts.endnotes, 'w:endnote');
    for (const comment of elements(parts.comments ?? undefined, 'w:comment')) {
      const paragraphs = [...findAll(comment, 'w:p')].map((paragraph) =>
        [...findAll(paragraph, 'w:t')].map(readText).join(''),
      );
      const author = oneLine(comment.attributes['w:author'] ?? '');
      this.comments.set(comment.attributes['w:id'] ?? '', { author, text: oneLine(paragraphs.join(' ')) });
    }
  }

  /** Footnotes and endnotes count together: in Markdown they are one list. */
  mark(kind: 'footnote' | 'endnote', id: string): string {
    const note = (kind === 'footnote' ? this.footnotes : this.endnotes).get(id);
    if (!note) return '';
    let number = this.numbers.get(note);
    if (number === undefined) {
      number = this.met.push({ kind, note });
      this.numbers.set(note, number);
    }
    return `[^${number}]`;
  }

  /** The comment, at its first anchor only. */
  comment(id: string): Block[] {
    const comment = this.comments.get(id);
    this.comments.delete(id);
    return comment && comment.text !== ''
      ? [{ kind: 'markdown', text: commentLine(comment.author, comment.text) }]
      : [];
  }

  /** The notes that were referred to, in order. @param read turns a note into text */
  render(read: (kind: 'footnote' | 'endnote', note: XmlElement) => string): string[] {
    const texts: string[] = [];
    // a note may refer to another, which then joins the list
    for (let i = 0; i < this.met.length; i++) {
      const { kind, note } = this.met[i] ?? {};
      if (kind && note) texts.push(`[^${i + 1}]: ${read(kind, note).replaceAll('\n', '\n    ')}`);
    }
    return texts;
  }
}

/** A reviewer's comment, set apart from the text. */
export function commentLine(author: string, text: string): string {
  return author === '' ? `> Comment: ${text}` : `> Comment (${author}): ${text}`;
}

function notesById(root: XmlElement | null, name: string): Map<string, XmlElement> {
  const notes = elements(root ?? undefined, name).filter(
    (note) => !/separator|notice/i.test(note.attributes['w:type'] ?? ''),
  );
  return new Map(notes.map((note) => [note.attributes['w:id'] ?? '', note]));
}
