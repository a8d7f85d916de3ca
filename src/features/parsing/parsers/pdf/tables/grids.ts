import type { ParsedPage } from '@llamaindex/liteparse';
import { boxEdges, horizontalRules, type Rule, verticalRules } from './rules.js';

/** Rules that cross one another: the places of columns and rows, and the rules themselves. */
export interface Grid {
  xs: number[];
  ys: number[];
  horizontal: Rule[];
  vertical: Rule[];
}

/** Points by which rules may miss one another. */
const reach = 3;
/** Columns and rows are at least this wide and high. */
const minCell = 5;
/** The two sides of the space between cells stand no further apart. */
const maxDoubled = 14;
const maxRules = 1_500;
const maxCells = 20_000;

/** The grids of a page, of at least two columns or rows that rules part. */
export function findGrids(graphics: NonNullable<ParsedPage['vectorGraphics']>): Grid[] {
  const boxes = boxEdges(graphics);
  const horizontal = [...horizontalRules(graphics), ...boxes.horizontal];
  const vertical = [...verticalRules(graphics), ...boxes.vertical];
  if (horizontal.length > maxRules || vertical.length > maxRules) return [];
  return crossing(horizontal, vertical).flatMap((group) => {
    const ys = places(group.horizontal);
    const xs = withOpenSides(places(group.vertical), group.horizontal);
    const hasCells = xs.length >= 2 && ys.length >= 2 && xs.length + ys.length >= 5;
    return hasCells && xs.length * ys.length <= maxCells ? [{ ...group, xs, ys }] : [];
  });
}

/** True if a rule stands on the border before a column (`vertical`) at a row, or above a row at a column. */
export function hasRule(grid: Grid, kind: 'vertical' | 'horizontal', border: number, cell: number): boolean {
  const [across, along] = kind === 'vertical' ? [grid.xs, grid.ys] : [grid.ys, grid.xs];
  const at = across[border] ?? 0;
  const middle = ((along[cell] ?? 0) + (along[cell + 1] ?? 0)) / 2;
  const near = Math.min(
    maxDoubled,
    (at - (across[border - 1] ?? -Infinity)) / 2,
    ((across[border + 1] ?? Infinity) - at) / 2,
  );
  return grid[kind].some((rule) => Math.abs(rule.at - at) < near && rule.from <= middle && rule.to >= middle);
}

/** Groups of rules that touch one another, over any number of others. */
function crossing(horizontal: Rule[], vertical: Rule[]): Pick<Grid, 'horizontal' | 'vertical'>[] {
  const open = new Set(vertical);
  const rest = new Set(horizontal);
  const groups: Pick<Grid, 'horizontal' | 'vertical'>[] = [];
  while (open.size > 0) {
    const [first] = open;
    if (!first) break;
    open.delete(first);
    const group = { horizontal: [] as Rule[], vertical: [first] };
    const waiting: { rule: Rule; isVertical: boolean }[] = [{ rule: first, isVertical: true }];
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const others = next.isVertical ? rest : open;
      for (const other of others) {
        if (!touches(next.rule, other)) continue;
        others.delete(other);
        (next.isVertical ? group.horizontal : group.vertical).push(other);
        waiting.push({ rule: other, isVertical: !next.isVertical });
      }
    }
    if (group.horizontal.length >= 2) groups.push(group);
  }
  return groups;
}

function touches(one: Rule, other: Rule): boolean {
  return (
    one.at >= other.from - reach &&
    one.at <= other.to + reach &&
    other.at >= one.from - reach &&
    other.at <= one.to + reach
  );
}

/** Where rules stand; near ones count as one. */
function places(rules: Rule[]): number[] {
  const found: number[] = [];
  for (const { at } of rules.toSorted((a, b) => a.at - b.at))
    if (found.length === 0 || at - (found.at(-1) ?? 0) >= minCell) found.push(at);
  return found;
}

/** Tables may have no rules at their sides: their columns go as far as the horizontal rules do. */
function withOpenSides(xs: number[], horizontal: Rule[]): number[] {
  const [from, to] = [
    Math.min(...horizontal.map((rule) => rule.from)),
    Math.max(...horizontal.map((rule) => rule.to)),
  ];
  const [left = from, right = to] = [xs[0], xs.at(-1)];
  return [...(from < left - 2 * minCell ? [from] : []), ...xs, ...(to > right + 2 * minCell ? [to] : [])];
}
