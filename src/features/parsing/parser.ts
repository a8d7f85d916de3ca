import type { ParsedDocument } from './parsed-document.js';

/** Reads a file within a file by the parser of its format. */
export interface EmbeddedReader {
  canRead(filename: string): boolean;
  /** The usual extension of a media type; undefined for types that are not read. */
  getExtension(mediaType: string): string | undefined;
  /** True when this file is at the maximum depth. */
  isTooDeep: boolean;
  /** @throws Problem what the parsers throw, unsupported_file_type, content_mismatch, empty_file */
  read(body: Buffer, filename: string): Promise<ParsedDocument>;
}

/** A file on the local disk, as a parser gets it. */
export interface ParserSource {
  /** Absolute path of a readable copy. Never shown to a client. */
  path: string;
  /** The client's name for the file: a label, and the way to distinguish `.csv` from `.tsv`. */
  filename: string;
  bytes: number;
  /**
   * Keep text that the document hides from its reader, marked as hidden; without it such text is left out.
   */
  includeHidden?: boolean;
  /** Reads files that this one carries; without it they are named only. */
  embedded?: EmbeddedReader;
  /** Pages, slides, sheets or bytes done, of all there are. */
  progress(done: number, total: number): void;
}

/**
 * Reads one file whole and turns it into Markdown parts. Runs in the pool's child process.
 * @throws Problem corrupt_document, encrypted_document, archive_bomb, too_large, no_text_content, needs_ocr
 */
export type Parser = (source: ParserSource) => Promise<ParsedDocument>;
