import type { Block } from '../shared/blocks.js';
import { CompoundFile } from '../shared/compound-file.js';
import type { UnreadKind } from '../shared/omissions.js';
import { children, findChild, recordAt, recordType, type PptRecord } from './ppt-records.js';
import { countUnread, slideBlocks } from './ppt-shapes.js';
import { readTexts, textKind, type PptText } from './ppt-text.js';

export interface PptSlide {
  blocks: Block[];
  /** What hidden shapes hold. */
  hiddenBlocks: Block[][];
  notes: string;
  unread: UnreadKind[];
  hidden: boolean;
}

const listOf = { slides: 0, notes: 2 } as const;
const maxEdits = 1_000;
const maxSlides = 10_000;
/** Where the current edit is named, and where each edit names the one before it and its directory. */
const currentEditAt = 16;
const lastEditAt = 8;
const directoryAt = 12;
const documentAt = 16;
const isHidden = 0x04;

/** A slide in the list of the document, with the texts of its placeholders. */
interface Listed {
  persist: number;
  id: number;
  texts: PptText[];
}

/**
 * Reads the slides of a binary presentation (97 to 2003), as [MS-PPT] lays them out.
 * @returns null where the file holds none; throws RangeError where an offset leads out of the file
 */
export function readSlides(bytes: Buffer): PptSlide[] | null {
  const file = new CompoundFile(bytes);
  const [main, user] = [file.find('PowerPoint Document'), file.find('Current User')];
  if (!main || !user) return null;
  const { offsets, document } = readDirectory(main, user.readUInt32LE(currentEditAt));
  const root = recordFor(main, offsets, document);
  if (root?.type !== recordType.document) return null;
  const lists = children(root.data).filter(({ type }) => type === recordType.slideList);
  const notes = readNotes(main, offsets, lists);
  const slides = lists
    .filter(({ instance }) => instance === listOf.slides)
    .flatMap(({ data }) => listed(data));
  // a hostile file lists a slide a million times; no program lists it twice
  const met = new Set<number | undefined>();
  return slides.slice(0, maxSlides).flatMap(({ persist, id, texts }): PptSlide[] => {
    const slide = met.has(offsets.get(persist)) ? null : recordFor(main, offsets, persist);
    met.add(offsets.get(persist));
    if (slide?.type !== recordType.slide) return [];
    const { blocks, hidden } = slideBlocks(slide.data, texts);
    const show = findChild(slide.data, recordType.slideShow)?.data;
    return [
      {
        blocks,
        hiddenBlocks: hidden,
        notes: notes.get(id) ?? '',
        unread: countUnread(slide.data),
        hidden: show !== undefined && show.length >= 12 && (show.readUInt16LE(10) & isHidden) !== 0,
      },
    ];
  });
}

/** Where the objects of the file stand: later edits move them. */
function readDirectory(main: Buffer, current: number): { offsets: Map<number, number>; document: number } {
  const offsets = new Map<number, number>();
  let [at, document] = [current, -1];
  for (let edits = 0; at > 0 && edits < maxEdits; edits++) {
    const edit = recordAt(main, at);
    if (edit.type !== recordType.userEdit) break;
    if (document < 0) document = edit.data.readUInt32LE(documentAt);
    readOffsets(recordAt(main, edit.data.readUInt32LE(directoryAt)), offsets);
    const before = edit.data.readUInt32LE(lastEditAt);
    if (before >= at) break;
    at = before;
  }
  return { offsets, document };
}

/** Runs of objects: a number with the first object and their count, then an offset for each. */
function readOffsets({ type, data }: PptRecord, offsets: Map<number, number>): void {
  if (type !== recordType.persistDirectory) return;
  for (let at = 0; at + 4 <= data.length;) {
    const head = data.readUInt32LE(at);
    const [first, count] = [head & 0xfffff, head >>> 20];
    at += 4;
    for (let index = 0; index < count && at + 4 <= data.length; index++, at += 4)
      if (!offsets.has(first + index)) offsets.set(first + index, data.readUInt32LE(at));
  }
}

function recordFor(main: Buffer, offsets: Map<number, number>, persist: number): PptRecord | null {
  const offset = offsets.get(persist);
  return offset === undefined ? null : recordAt(main, offset);
}

function listed(list: Buffer): Listed[] {
  const slides: { persist: number; id: number; records: PptRecord[] }[] = [];
  for (const record of children(list)) {
    if (record.type === recordType.slidePersist)
      slides.push({ persist: record.data.readUInt32LE(0), id: record.data.readUInt32LE(12), records: [] });
    else slides.at(-1)?.records.push(record);
  }
  return slides.map(({ persist, id, records }) => ({ persist, id, texts: readTexts(records) }));
}

/** Speaker notes by the id of their slide. */
function readNotes(
  main: Buffer,
  offsets: Map<number, number>,
  lists: readonly PptRecord[],
): Map<number, string> {
  const notes = new Map<number, string>();
  for (const { data } of lists.filter(({ instance }) => instance === listOf.notes))
    for (const { persist, texts } of listed(data)) {
      const page = recordFor(main, offsets, persist);
      const atom = page?.type === recordType.notes ? findChild(page.data, recordType.notesAtom) : undefined;
      if (!page || !atom) continue;
      notes.set(atom.data.readUInt32LE(0), notesText(page.data, texts));
    }
  return notes;
}

function notesText(page: Buffer, outline: readonly PptText[]): string {
  const texts = [...collectTexts(page, 0), ...outline].filter(({ kind }) => kind === textKind.notes);
  return texts
    .flatMap(({ paragraphs }) => paragraphs.map(({ text }) => text.trim()))
    .filter((text) => text !== '*')
    .join(' ');
}

function collectTexts(data: Buffer, depth: number): PptText[] {
  if (depth > 20) return [];
  const records = children(data);
  return [
    ...readTexts(records),
    ...records
      .filter(({ isContainer }) => isContainer)
      .flatMap((record) => collectTexts(record.data, depth + 1)),
  ];
}
