import { readFile } from 'node:fs/promises';
import { CFB } from '@e965/xlsx';
import { Problem } from '../../../../common/errors.js';
import { joinBlocks, markdownLines, oneLine } from '../shared/markdown-text.js';
import { isCompound } from '../shared/ooxml.js';
import type { ParsedDocument, ParseWarning } from '../../parsed-document.js';
import type { ParserSource } from '../../parser.js';
import { cellText, renderBlocks, type Block } from '../shared/blocks.js';
import { DocFile, readTable, textOfOldFile, type StoryName } from './doc-file.js';
import { DocFormatting } from './doc-formatting.js';
import { docNumbering } from './doc-lists.js';
import { DocStory } from './doc-story.js';
import { CompoundFile } from '../shared/compound-file.js';
import { Omissions } from '../shared/omissions.js';
import { resolveMarks } from '../shared/text-marks.js';
import { ListNumbers } from '../shared/list-numbers.js';

/**
 * Binary Word documents: headings, lists, tables, links, notes,
 * comments and text boxes of 97 to 2003, the plain text of 6 and 95.
 */
export async function parse(source: ParserSource): Promise<ParsedDocument> {
  const bytes = await readFile(source.path);
  if (!isCompound(bytes)) throw new Problem('corrupt_document');
  const { markdown, title, warnings } = await readDocument(bytes, source.includeHidden ?? false);
  if (markdown === '') throw new Problem('no_text_content');
  source.progress(source.bytes, source.bytes);
  return {
    title,
    language: null,
    pages: null,
    parts: [{ kind: 'body', page: null, label: null, markdown }],
    warnings,
  };
}

interface Reading {
  markdown: string;
  title: string | null;
  warnings: ParseWarning[];
}

/** Where the structure is damaged, another reader may still find the text. */
async function readDocument(bytes: Buffer, keepHidden: boolean): Promise<Reading> {
  try {
    const file = DocFile.open(bytes);
    if (file) return readStories(file, new Omissions(keepHidden));
    return {
      markdown: joinBlocks(
        textOfOldFile(bytes).replaceAll('\x07', '\r').replaceAll('\f', '\r').split('\r').map(markdownLines),
      ),
      title: null,
      warnings: [],
    };
  } catch (error) {
    if (error instanceof Problem && error.code !== 'corrupt_document') throw error;
    return {
      markdown: await plainText(bytes),
      title: null,
      warnings: [
        {
          code: 'structure_lost',
          detail: 'The structure of the document is damaged; only its plain text was read.',
        },
      ],
    };
  }
}

function readStories(file: DocFile, hidden: Omissions): Reading {
  const formatting = new DocFormatting(file);
  const numbering = docNumbering(file);
  const anchors = new Anchors(file);
  const body = new DocStory(file, formatting, numbering, hidden, (character) => anchors.mark(character)).read(
    'body',
  );
  const inner = (story: StoryName, range?: [number, number]) =>
    new DocStory(file, formatting, new ListNumbers(new Map()), hidden).read(story, range);
  const side = anchors.met.map(
    ({ story, range, label }) => `${label} ${oneLine(cellText(inner(story, range)))}`,
  );
  const boxes = renderBlocks(inner('textboxes'));
  const markdown = joinBlocks([renderBlocks(body, side), boxes]) || renderBlocks(inner('headers'));
  return { markdown: resolveMarks(markdown), title: findTitle(body), warnings: hidden.warnings() };
}

function findTitle(blocks: Block[]): string | null {
  const heading =
    blocks.find((block) => block.kind === 'heading' && block.level === 0) ??
    blocks.find((block) => block.kind === 'heading');
  return heading?.kind === 'heading' ? oneLine(resolveMarks(heading.text)) : null;
}

interface Anchor {
  story: StoryName;
  /** Place of the text in its story. */
  range: [start: number, end: number];
}

/** Which note or comment belongs to which character of the body. */
class Anchors {
  readonly met: (Anchor & { label: string })[] = [];
  private readonly anchors = new Map<number, Anchor>();
  private notes = 0;

  constructor(file: DocFile) {
    this.add(file, 'footnotes', readTable.footnoteRefs, readTable.footnoteTexts, 2);
    this.add(file, 'endnotes', readTable.endnoteRefs, readTable.endnoteTexts, 2);
    this.add(file, 'comments', readTable.commentRefs, readTable.commentTexts, 30);
  }

  /** The mark to show; '' where a comment is anchored, which shows nothing. */
  mark(character: number): string {
    const anchor = this.anchors.get(character);
    if (!anchor) return '';
    if (anchor.story === 'comments') {
      this.met.push({ ...anchor, label: '> Comment:' });
      return '';
    }
    this.notes++;
    this.met.push({ ...anchor, label: `[^${this.notes}]:` });
    return `[^${this.notes}]`;
  }

  private add(file: DocFile, story: StoryName, references: number, texts: number, size: number): void {
    const places = file.tableBytes(references);
    const limits = file.tableBytes(texts);
    const count = Math.floor((places.length - 4) / (4 + size));
    const [first] = file.storyRange(story);
    for (let i = 0; i < count && i * 4 + 8 <= limits.length; i++) {
      this.anchors.set(places.readUInt32LE(i * 4), {
        story,
        range: [first + limits.readUInt32LE(i * 4), first + limits.readUInt32LE(i * 4 + 4)],
      });
    }
  }
}

/** The other reader would follow sectors that lead in circles until the memory is full. */
function repacked(bytes: Buffer): Buffer {
  const from = new CompoundFile(bytes);
  const to = CFB.utils.cfb_new();
  for (const name of ['WordDocument', '0Table', '1Table', 'Data']) {
    const stream = from.find(name);
    if (stream) CFB.utils.cfb_add(to, `/${name}`, stream);
  }
  return Buffer.from(CFB.write(to, { type: 'buffer' }) as Uint8Array);
}

async function plainText(bytes: Buffer): Promise<string> {
  const { default: WordExtractor } = await import('word-extractor');
  const document = await new WordExtractor().extract(repacked(bytes)).catch((error: unknown) => {
    throw new Problem('corrupt_document', undefined, { cause: error });
  });
  const texts = [
    document.getBody(),
    document.getTextboxes({ includeHeadersAndFooters: false }),
    document.getFootnotes(),
    document.getEndnotes(),
  ];
  return joinBlocks(texts.flatMap((text) => text.split('\n').map(markdownLines)));
}
