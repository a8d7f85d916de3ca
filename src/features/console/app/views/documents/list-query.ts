import { mediaTypes } from '../../text/format.js';
import type { DocumentsQuery } from '../../client/docent.js';

/** The filters of the list. */
export interface ListChoice {
  q: string;
  set: string;
  status: string;
  kind: string;
  from: string;
  to: string;
  sort: 'newest' | 'oldest' | 'name' | 'name_desc';
}
export const everything: ListChoice = {
  q: '',
  set: '',
  status: '',
  kind: '',
  from: '',
  to: '',
  sort: 'newest',
};
const pageSize = 50;

export const isNarrowed = ({ q, set, status, kind, from, to }: ListChoice): boolean =>
  [q, set, status, kind, from, to].some((value) => value !== '');

const startOfDay = (day: string): string => new Date(`${day}T00:00:00`).toISOString();

export function buildQuery(choice: ListChoice, cursor: string | null): DocumentsQuery {
  const dayAfter = choice.to ? new Date(new Date(`${choice.to}T00:00:00`).getTime() + 86_400_000) : null;
  return {
    limit: pageSize,
    cursor,
    q: choice.q.trim(),
    document_set: choice.set,
    status: choice.status,
    media_type: mediaTypes.find(({ kind }) => kind === choice.kind)?.types.join(',') ?? null,
    created_from: choice.from ? startOfDay(choice.from) : null,
    created_to: dayAfter?.toISOString() ?? null,
    sort: choice.sort === 'newest' ? null : choice.sort,
  };
}
