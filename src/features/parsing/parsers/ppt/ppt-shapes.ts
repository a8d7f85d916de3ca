import { inReadingOrder } from '../shared/reading-order.js';
import { spreadRows, type PlacedRow } from '../shared/spread-rows.js';
import { cellText, type Block } from '../shared/blocks.js';
import type { UnreadKind } from '../shared/omissions.js';
import { children, findChild, type PptRecord, recordType, shapeOption } from './ppt-records.js';
import { readTexts, textBlocks, type PptText } from './ppt-text.js';

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

interface Shape extends Box {
  blocks: Block[];
  isTitle: boolean;
  isHidden?: boolean;
}

/** The texts of placeholders, and those that a shape shows. */
interface Outline {
  outline: readonly PptText[];
  met: Set<PptText>;
  /** Groups around: the outermost one is the slide. */
  groups: number;
}

const maxDepth = 50;
/** Cells of one table; its columns and rows are bounded too. */
const maxCells = 5_000;
/** The property that makes a group a table, [MS-ODRAW] 2.3.4.36. */
const tableProperties = 0x039f;
/** The property that hides a shape, [MS-ODRAW] 2.3.4.44: it is used, and it is set. */
const groupProperties = 0x03bf;
const hides = 0x0002_0002;
/** The shape type of a picture, [MS-ODRAW] 2.4.24. */
const pictureFrame = 75;
/** Units of a slide by which edges of one column or row may differ; tables may have rows of less. */
const sameEdge = 12;
/** A quarter inch. */
const sameRow = 144;

/**
 * The texts of a slide's drawing: the title first, the others from top to bottom; those of hidden shapes apart.
 * @param outline texts of placeholders, which shapes refer to by number
 */
export function slideBlocks(
  slide: Buffer,
  outline: readonly PptText[],
): { blocks: Block[]; hidden: Block[][] } {
  const drawing = findChild(slide, recordType.drawing);
  const met = new Set<PptText>();
  const shapes = drawing ? readShapes(drawing.data, { outline, met, groups: 0 }, 0) : [];
  const order = sorted(shapes).toSorted((a, b) => Number(b.isTitle) - Number(a.isTitle));
  // some programs write the texts of placeholders without the placeholders
  const rest = [...outline.filter((text) => !met.has(text)), ...readTexts(children(slide))].flatMap(
    textBlocks,
  );
  return {
    blocks: [...rest, ...order.filter((shape) => !shape.isHidden).flatMap(({ blocks }) => blocks)],
    hidden: order.filter((shape) => shape.isHidden).map(({ blocks }) => blocks),
  };
}

/** Objects and pictures, which have no text. */
export function countUnread(slide: Buffer): UnreadKind[] {
  const drawing = findChild(slide, recordType.drawing);
  return drawing ? unreadIn(drawing.data, 0) : [];
}

function unreadIn(data: Buffer, depth: number): UnreadKind[] {
  if (depth > maxDepth) return [];
  return children(data).flatMap((record): UnreadKind[] => {
    if (record.type !== recordType.shape) return record.isContainer ? unreadIn(record.data, depth + 1) : [];
    const client = findChild(record.data, recordType.clientData);
    if (client && findChild(client.data, recordType.objectReference)) return ['object'];
    const isPicture = findChild(record.data, recordType.shapeProperties)?.instance === pictureFrame;
    return isPicture ? ['picture'] : [];
  });
}

function readShapes(data: Buffer, outline: Outline, depth: number): Shape[] {
  if (depth > maxDepth) return [];
  return children(data).flatMap((record): Shape[] => {
    if (record.type === recordType.shape) return readShape(record, outline);
    if (record.type === recordType.shapeGroup && isTable(record.data))
      return tableShape(record.data, outline);
    if (record.type === recordType.shapeGroup) return groupShapes(record.data, outline, depth + 1);
    return record.isContainer ? readShapes(record.data, outline, depth + 1) : [];
  });
}

const sorted = (shapes: readonly Shape[]): Shape[] =>
  inReadingOrder(shapes, ({ left, top }) => ({ x: left, y: top }), sameRow);

/** The shapes of a group stay together, at the place of its own shape, which also hides them. */
function groupShapes(group: Buffer, outline: Outline, depth: number): Shape[] {
  const shapes = readShapes(group, { ...outline, groups: outline.groups + 1 }, depth);
  const own = outline.groups === 0 ? undefined : findChild(group, recordType.shape);
  if (!own || shapes.length === 0) return shapes;
  const box = boxOf(own.data);
  const isHidden = isHiddenShape(own.data);
  const titles = shapes.filter(({ isTitle }) => isTitle);
  const shown = shapes.filter((shape) => !shape.isTitle && !shape.isHidden);
  const hidden = shapes.filter((shape) => !shape.isTitle && shape.isHidden);
  return [
    ...titles,
    { ...box, blocks: sorted(shown).flatMap(({ blocks }) => blocks), isTitle: false, isHidden },
    ...hidden.map((shape) => ({ ...shape, ...box })),
  ].filter(({ blocks }) => blocks.length > 0);
}

function readShape(record: PptRecord, outline: Outline): Shape[] {
  const box = findChild(record.data, recordType.textBox);
  if (!box) return [];
  const inside = children(box.data);
  const number = inside.find(({ type }) => type === recordType.outlineText)?.data.readUInt32LE(0);
  const texts = number === undefined ? readTexts(inside) : outline.outline.slice(number, number + 1);
  if (number !== undefined) for (const text of texts) outline.met.add(text);
  const blocks = texts.flatMap(textBlocks);
  const isTitle = blocks[0]?.kind === 'heading';
  const isHidden = isHiddenShape(record.data);
  return blocks.length === 0 ? [] : [{ ...boxOf(record.data), blocks, isTitle, isHidden }];
}

/** Where a shape stands on its slide or in its group. */
function boxOf(shape: Buffer): Box {
  const records = children(shape);
  const child = records.find(({ type }) => type === recordType.childAnchor)?.data;
  if (child && child.length >= 16)
    return {
      left: child.readInt32LE(0),
      top: child.readInt32LE(4),
      right: child.readInt32LE(8),
      bottom: child.readInt32LE(12),
    };
  const own = records.find(({ type }) => type === recordType.clientAnchor)?.data;
  if (own && own.length >= 16)
    return {
      top: own.readInt32LE(0),
      left: own.readInt32LE(4),
      right: own.readInt32LE(8),
      bottom: own.readInt32LE(12),
    };
  if (own && own.length >= 8)
    return {
      top: own.readInt16LE(0),
      left: own.readInt16LE(2),
      right: own.readInt16LE(4),
      bottom: own.readInt16LE(6),
    };
  return { left: 0, top: 0, right: 0, bottom: 0 };
}

/** A table is a group whose own shape says so. */
function isTable(group: Buffer): boolean {
  const own = findChild(group, recordType.shape);
  return (
    own !== undefined && ((shapeOption(own.data, recordType.moreOptions, tableProperties) ?? 0) & 1) === 1
  );
}

/** A shape that is hidden says so, and that it does. */
function isHiddenShape(shape: Buffer): boolean {
  return [recordType.options, recordType.moreOptions].some((list) => {
    const value = shapeOption(shape, list, groupProperties) ?? 0;
    return (value & hides) === hides;
  });
}

function tableShape(group: Buffer, outline: Outline): Shape[] {
  const [frame, ...shapes] = children(group).filter(({ type }) => type === recordType.shape);
  const cells = shapes.flatMap((record) => {
    const box = boxOf(record.data);
    const [shape] = readShape(record, outline);
    const isCell = findChild(record.data, recordType.textBox) !== undefined;
    return isCell && box.right > box.left && box.bottom > box.top
      ? [{ ...box, text: cellText(shape?.blocks ?? []) }]
      : [];
  });
  const rows = gridRows(cells.slice(0, maxCells));
  if (!frame || rows.length === 0) return [];
  return [{ ...boxOf(frame.data), blocks: [{ kind: 'table', rows }], isTitle: false }];
}

/** Cells by their places: a cell over several rows stands in each of them. */
function gridRows(cells: readonly (Box & { text: string })[]): string[][] {
  const [wide, high] = [
    edgeWithin(cells.map(({ left, right }) => right - left)),
    edgeWithin(cells.map(({ top, bottom }) => bottom - top)),
  ];
  const tops = distinct(
    cells.map(({ top }) => top),
    high,
  );
  const lefts = distinct(
    cells.map(({ left }) => left),
    wide,
  );
  const rows = tops.map((top): PlacedRow => {
    const texts = lefts.map((left) => {
      const cell = cells.find(
        (one) => covers(one.left, one.right, left, wide) && covers(one.top, one.bottom, top, high),
      );
      return cell?.text ?? '';
    });
    return { cells: texts, places: [] };
  });
  return spreadRows(rows);
}

const edgeWithin = (sizes: number[]): number => Math.min(sameEdge, ...sizes.map((size) => size / 2));

function covers(from: number, to: number, at: number, edge: number): boolean {
  return from - edge <= at && at < to - edge;
}

function distinct(places: number[], edge: number): number[] {
  const found: number[] = [];
  for (const place of places.toSorted((a, b) => a - b))
    if (found.length === 0 || place - (found.at(-1) ?? 0) > edge) found.push(place);
  return found.slice(0, 200);
}
