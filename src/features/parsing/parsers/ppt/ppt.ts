import { readFile } from 'node:fs/promises';
import { toMarkdownBytes, type ConvertErrorCode } from '@firecrawl/anydoc';
import { Problem, type ErrorCode } from '../../../../common/errors.js';
import type { ParsedDocument, ParsedPart } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { renderBlocks } from '../shared/blocks.js';
import { bodyDocument } from '../shared/body-document.js';
import { joinBlocks, oneLine } from '../shared/markdown-text.js';
import { Omissions } from '../shared/omissions.js';
import { isCompound } from '../shared/ooxml.js';
import { marked, resolveMarks } from '../shared/text-marks.js';
import { type PptSlide, readSlides } from './ppt-file.js';

const codes: Partial<Record<ConvertErrorCode, ErrorCode>> = {
  encrypted: 'encrypted_document',
  resourceLimit: 'archive_bomb',
};

/** Binary PowerPoint presentations: a part for each slide with its tables, lists and speaker notes. */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const bytes = await readFile(source.path);
  if (!isCompound(bytes)) throw new Problem('corrupt_document');
  const slides = readable(bytes);
  source.progress(source.bytes, source.bytes);
  if (slides) return slidesDocument(slides, new Omissions(source.includeHidden ?? false));
  const markdown = (await converted(bytes)).trim();
  return bodyDocument(markdown, /^[^\n]{1,200}/.exec(markdown)?.[0].replace(/^#+ /, '') ?? null);
}

/** Null for files that are encrypted, older or damaged: another reader may find their text. */
function readable(bytes: Buffer): PptSlide[] | null {
  try {
    const slides = readSlides(bytes);
    const hasText = slides?.some(({ blocks, notes }) => blocks.length > 0 || notes !== '');
    return hasText ? slides : null;
  } catch (error) {
    if (error instanceof Problem && error.code !== 'corrupt_document') throw error;
    return null;
  }
}

function slidesDocument(slides: PptSlide[], hidden: Omissions): ParsedDocument {
  const parts = slides.flatMap((slide, index): ParsedPart[] => {
    if (slide.hidden) hidden.add('slide', { page: index + 1 });
    if (slide.hidden && !hidden.keep) return [];
    const { hiddenBlocks } = slide;
    if (hiddenBlocks.length > 0) hidden.add('shape', { page: index + 1, times: hiddenBlocks.length });
    for (const kind of slide.unread) hidden.addUnread(kind, index + 1);
    const markdown = joinBlocks([
      slide.hidden ? '[hidden slide]' : '',
      renderBlocks(slide.blocks),
      ...(hidden.keep ? hiddenBlocks.map((blocks) => marked('hidden', renderBlocks(blocks))) : []),
      slide.notes && `Notes: ${oneLine(slide.notes)}`,
    ]);
    return [{ kind: 'slide', page: index + 1, label: null, markdown: resolveMarks(markdown) }];
  });
  if (parts.every(({ markdown }) => markdown === '')) throw new Problem('no_text_content');
  const titles = slides.filter((slide) => !slide.hidden || hidden.keep).map(({ blocks }) => blocks[0]);
  const first = titles.find((block) => block?.kind === 'heading');
  return {
    title: first?.kind === 'heading' ? oneLine(resolveMarks(first.text)) : null,
    language: null,
    pages: slides.length,
    parts,
    warnings: hidden.warnings(),
  };
}

async function converted(bytes: Buffer): Promise<string> {
  try {
    return await toMarkdownBytes(bytes);
  } catch (error) {
    const code =
      error instanceof Error && 'code' in error ? codes[error.code as ConvertErrorCode] : undefined;
    throw new Problem(code ?? 'corrupt_document', undefined, { cause: error });
  }
}
