import { DocentError } from '@docent/client';
import type { Chunk, TextPart } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { parseMarkdown, type Block } from '../../ui/markdown.js';
import { fold, foldBlocks } from '../../ui/marks.js';

export interface ReadPart extends Pick<
  TextPart,
  'markdown' | 'page' | 'heading' | 'source' | 'boxes' | 'page_size'
> {
  /** The file within the file that begins here, such as an attachment. */
  label: string | null;
  blocks: Block[];
  /** The text as it is searched: see `fold`. */
  folded: string;
}

/** The parsed text of a document, ready to be shown and searched. */
export async function loadText(id: string): Promise<ReadPart[]> {
  const parts = await readParts(id);
  let before: string | null = null;
  return parts.map((part) => {
    const blocks = parseMarkdown(part.markdown);
    const root = part.heading?.split(' > ')[0] ?? null;
    const label = root === before ? null : findLabel(root, part.heading, blocks);
    before = root;
    return { ...part, label, blocks, folded: foldBlocks(blocks) };
  });
}

// the files that a book consists of are nobody's business
const innerFile = /\.x?html?$/i;

/** The section of a part, where its own heading does not name it. */
function findLabel(root: string | null, path: string | null, [first]: Block[]): string | null {
  if (root === null || path === null || innerFile.test(root)) return null;
  const title = first?.kind === 'heading' ? foldBlocks([first]) : '';
  return title !== '' && fold(path).text.startsWith(title) ? null : root;
}

async function readParts(id: string): Promise<TextPart[]> {
  try {
    const { parts } = await docent.text(id);
    return parts;
  } catch (error) {
    // a document whose parsed text is not kept still has its passages
    if (!(error instanceof DocentError) || ![404, 405].includes(error.status)) throw error;
    return partsOfChunks(await allChunks(id));
  }
}

async function allChunks(id: string): Promise<Chunk[]> {
  const all: Chunk[] = [];
  let cursor: string | null = null;
  do {
    const page: { chunks: Chunk[]; next_cursor: string | null } = await docent.chunks(id, cursor);
    all.push(...page.chunks);
    cursor = page.next_cursor;
  } while (cursor);
  return all;
}

/** Passages with their headings, each heading once. */
function partsOfChunks(chunks: Chunk[]): TextPart[] {
  let before: string | null = null;
  return chunks.map(({ content, page, page_end, heading }) => {
    const title = heading === before ? null : heading;
    before = heading;
    const last = title?.split(/\s+[›>]\s+/).at(-1) ?? null;
    const shown = last && !content.trimStart().startsWith('#') ? `## ${last}\n\n${content}` : content;
    return { markdown: shown, page, page_end, heading, source: 'text' as const };
  });
}
