import type { ParsedPage } from '@llamaindex/liteparse';

type VectorGraphics = NonNullable<ParsedPage['vectorGraphics']>;

/** A horizontal or vertical ruling line: its position across its direction, its start and its end. */
export interface Rule {
  at: number;
  from: number;
  to: number;
}

/** Rules of the same extent above one another: the rules of one table, from top to bottom. */
export interface RuleGroup {
  left: number;
  right: number;
  ys: number[];
}

/** Thicker lines are bars or backgrounds. */
const maxThickness = 2.5;
const minLength = 12;
/** Points: the height of a row with a background of its own. */
const minStripe = 8;
const maxStripe = 80;
/** Rules of one line are drawn cell by cell with small gaps. */
const maxGap = 3;
const sameExtent = 4;
/** Lines of a page that are looked at: drawings have more. */
const maxLines = 5000;

export function horizontalRules(graphics: VectorGraphics): Rule[] {
  const rules = thinShapes(graphics);
  for (const { x1, y1, x2, y2 } of graphics.lines.slice(0, maxLines))
    if (Math.abs(y1 - y2) < 1)
      rules.push({ at: (y1 + y2) / 2, from: Math.min(x1, x2), to: Math.max(x1, x2) });
  return joinRules(rules).filter(({ from, to }) => to - from >= minLength);
}

/** Shapes that are a thin horizontal line and nothing else. */
export function thinShapes({ shapes }: VectorGraphics, [least, most] = [0, maxThickness]): Rule[] {
  return shapes
    .slice(0, maxLines)
    .filter(({ bbox, hasCurve }) => !hasCurve && bbox.height >= least && bbox.height <= most)
    .map(({ bbox }) => ({ at: bbox.y + bbox.height / 2, from: bbox.x, to: bbox.x + bbox.width }));
}

/** Upper and lower edges of filled stripes as high as a row. */
export function stripeEdges({ shapes }: VectorGraphics): Rule[] {
  const rules: Rule[] = [];
  for (const { bbox, fill, hasCurve } of shapes.slice(0, maxLines)) {
    if (hasCurve || !fill || bbox.height < minStripe || bbox.height > maxStripe) continue;
    const [from, to] = [bbox.x, bbox.x + bbox.width];
    rules.push({ at: bbox.y, from, to }, { at: bbox.y + bbox.height, from, to });
  }
  return joinRules(rules);
}

export function verticalRules({ lines, shapes }: VectorGraphics): Rule[] {
  const rules: Rule[] = [];
  for (const { x1, y1, x2, y2 } of lines.slice(0, maxLines))
    if (Math.abs(x1 - x2) < 1)
      rules.push({ at: (x1 + x2) / 2, from: Math.min(y1, y2), to: Math.max(y1, y2) });
  for (const { bbox, hasCurve } of shapes.slice(0, maxLines))
    if (!hasCurve && bbox.width <= maxThickness)
      rules.push({ at: bbox.x + bbox.width / 2, from: bbox.y, to: bbox.y + bbox.height });
  return joinRules(rules).filter(({ from, to }) => to - from >= 6);
}

/** The edges of stroked boxes: some programs draw a box for each cell. */
export function boxEdges({ shapes }: VectorGraphics): { horizontal: Rule[]; vertical: Rule[] } {
  const [horizontal, vertical]: [Rule[], Rule[]] = [[], []];
  for (const { bbox, stroke, hasCurve } of shapes.slice(0, maxLines)) {
    const { x, y, width, height } = bbox;
    if (hasCurve || !stroke || width <= maxThickness || height <= maxThickness) continue;
    horizontal.push({ at: y, from: x, to: x + width }, { at: y + height, from: x, to: x + width });
    vertical.push({ at: x, from: y, to: y + height }, { at: x + width, from: y, to: y + height });
  }
  return { horizontal: joinRules(horizontal), vertical: joinRules(vertical) };
}

/** Joins the pieces of each line; both edges of a drawn bar count as one. */
export function joinRules(rules: Rule[]): Rule[] {
  const sorted = rules.toSorted((a, b) => a.at - b.at || a.from - b.from);
  const rows: Rule[][] = [];
  for (const rule of sorted) {
    const row = rows.at(-1);
    if (row?.[0] && rule.at - row[0].at < maxThickness) row.push(rule);
    else rows.push([rule]);
  }
  return rows.flatMap((row) => {
    const joined: Rule[] = [];
    for (const rule of row.toSorted((a, b) => a.from - b.from)) {
      const last = joined.at(-1);
      if (last && rule.from <= last.to + maxGap) last.to = Math.max(last.to, rule.to);
      else joined.push({ ...rule });
    }
    return joined;
  });
}

/** Groups rules of the same extent that stand above one another. */
export function groupRules(rules: Rule[]): RuleGroup[] {
  const groups: RuleGroup[] = [];
  for (const { at, from, to } of rules.toSorted((a, b) => a.at - b.at)) {
    const group = groups.find(
      ({ left, right }) => Math.abs(left - from) < sameExtent && Math.abs(right - to) < sameExtent,
    );
    if (group) group.ys.push(at);
    else groups.push({ left: from, right: to, ys: [at] });
    if (groups.length > 200) break;
  }
  return groups.filter(({ ys }) => ys.length >= 2);
}
