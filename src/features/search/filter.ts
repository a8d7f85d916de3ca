import { z } from 'zod';
import { isUuid } from '../../common/ids.js';
import { isInCalendar } from '../../common/moment.js';
import { filterSchema } from './filter-schema.js';

const maxDepth = 8;
const maxClauses = 64;
const maxListed = 200;
const maxTextLength = 1000;

type Kind = 'text' | 'uuid' | 'time' | 'page' | 'any';
const fields: Record<string, Kind> = {
  filename: 'text',
  document_set: 'text',
  document_id: 'uuid',
  created_at: 'time',
  media_type: 'text',
  language: 'text',
  page: 'page',
};
const operators = new Set(['eq', 'ne', 'in', 'gt', 'gte', 'lt', 'lte', 'exists']);
// converted to UTC, it must be within the years of the database
const isoTime = z.union([z.iso.datetime({ offset: true }), z.iso.date()]).refine(isInCalendar);

const findKind = (field: string): Kind | undefined =>
  /^metadata\.[^]{1,200}$/.test(field) ? 'any' : Object.hasOwn(fields, field) ? fields[field] : undefined;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The fault of one value of a field; undefined if it is valid. */
function valueFault(kind: Kind, value: unknown): string | undefined {
  if (value === null) return undefined;
  if (kind === 'page')
    return Number.isSafeInteger(value) && Number(value) > 0 ? undefined : 'must be a page number';
  if (kind === 'uuid')
    return typeof value === 'string' && isUuid(value.toLowerCase()) ? undefined : 'must be a document id';
  if (kind === 'time')
    return isoTime.safeParse(value).success ? undefined : 'must be an RFC 3339 time or a date';
  if (typeof value === 'string')
    return value.length <= maxTextLength ? undefined : `must be at most ${maxTextLength} characters`;
  if (kind === 'text') return 'must be a string';
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
    ? undefined
    : 'must be a string, a number, a boolean or null';
}

function operandFault(kind: Kind, operator: string, value: unknown): string | undefined {
  if (operator === 'exists') return typeof value === 'boolean' ? undefined : 'must be true or false';
  if (operator === 'in') {
    if (!Array.isArray(value) || value.length > maxListed)
      return `must be a list of at most ${maxListed} values`;
    return value.map((item) => valueFault(kind, item)).find(Boolean);
  }
  if (/^[gl]te?$/.test(operator) && (value === null || typeof value === 'boolean'))
    return 'must be a number or a string';
  return valueFault(kind, value);
}

type Report = (path: (string | number)[], message: string) => void;

/** Walks a filter and counts its clauses. */
class FilterCheck {
  private clauses = 0;

  constructor(private readonly report: Report) {}

  filter(filter: unknown, path: (string | number)[], depth: number): void {
    if (!isObject(filter)) return this.report(path, 'must be an object');
    if (depth > maxDepth) return this.report(path, `is nested deeper than ${maxDepth}`);
    for (const [key, value] of Object.entries(filter)) {
      if (this.clauses > maxClauses) return;
      if (key === 'or') this.checkAlternatives(value, [...path, key], depth);
      else if (key === 'not') this.filter(value, [...path, key], depth + 1);
      else this.field(key, value, [...path, key]);
    }
  }

  private checkAlternatives(filters: unknown, path: (string | number)[], depth: number): void {
    if (!Array.isArray(filters) || filters.length === 0)
      return this.report(path, 'must be a list of filters');
    if (filters.length > maxClauses) return this.report(path, `has more than ${maxClauses} filters`);
    filters.forEach((filter, index) => this.filter(filter, [...path, index], depth + 1));
  }

  private field(field: string, value: unknown, path: (string | number)[]): void {
    const kind = findKind(field);
    if (!kind)
      return this.report(
        path,
        `unknown field; known are ${Object.keys(fields).join(', ')}, metadata.*, or, not`,
      );
    const operations = isObject(value) ? Object.entries(value) : [['eq', value] as const];
    if (operations.length === 0) this.report(path, 'names no operator');
    for (const [operator, operand] of operations) {
      this.clauses++;
      if (this.clauses === maxClauses + 1) this.report([], `has more than ${maxClauses} clauses`);
      const at = isObject(value) ? [...path, operator] : path;
      const fault = operators.has(operator)
        ? operandFault(kind, operator, operand)
        : `unknown operator; known are ${[...operators].join(', ')}`;
      if (fault) this.report(at, fault);
    }
  }
}

/**
 * `{field: value | {eq, ne, in, gt, gte, lt, lte, exists}}` over filename, document_set, document_id,
 * created_at, media_type, language, page and metadata.*; joined by AND; `{or: […]}`, `{not: {…}}`. At most 8
 * deep and 64 clauses.
 */
export const Filter = z
  .record(z.string(), z.unknown())
  .superRefine((filter, context) => {
    new FilterCheck((path, message) => context.addIssue({ code: 'custom', path, message })).filter(
      filter,
      [],
      1,
    );
  })
  .meta({
    id: 'Filter',
    ...filterSchema(fields, 'Filter', maxClauses),
    description:
      '`{field: value | {eq, ne, in, gt, gte, lt, lte, exists}}` over filename, document_set, document_id, created_at, media_type, language, page and metadata.*; joined by AND; `{or: […]}`, `{not: {…}}`',
    examples: [{ language: 'en', 'metadata.year': { gte: 2024 } }],
  });
export type Filter = z.infer<typeof Filter>;

const asStored = (field: string, value: unknown): unknown => {
  if (typeof value !== 'string') return value;
  if (field === 'document_id') return value.toLowerCase();
  return field === 'created_at' ? new Date(value).toISOString() : value.normalize('NFC');
};

function clauseAsStored(field: string, clause: unknown): unknown {
  if (Array.isArray(clause)) return clause.map((value) => asStored(field, value));
  if (!isObject(clause)) return asStored(field, clause);
  return Object.fromEntries(
    Object.entries(clause).map(([operator, value]) => [operator, clauseAsStored(field, value)]),
  );
}

/** The same filter with every value in the form of the database; null when it filters nothing. */
export function normalizeFilter(filter: Filter | null | undefined): Filter | null {
  if (!filter || Object.keys(filter).length === 0) return null;
  return Object.fromEntries(
    Object.entries(filter).map(([key, value]) => {
      if (key === 'or') return [key, (value as Filter[]).map((part) => normalizeFilter(part) ?? {})];
      return [key, key === 'not' ? (normalizeFilter(value as Filter) ?? {}) : clauseAsStored(key, value)];
    }),
  );
}
