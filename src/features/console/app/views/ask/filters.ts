import { mediaTypes } from '../../text/format.js';

/** The filters that the console offers, as its fields show them. */
export interface FilterChoice {
  kind: string;
  language: string;
  field: string;
  value: string;
}
export const noFilter: FilterChoice = { kind: '', language: '', field: '', value: '' };

/** The filter as the API takes it; null for no filter. */
export function buildFilter({ kind, language, field, value }: FilterChoice): Record<string, unknown> | null {
  const types = mediaTypes.find((known) => known.kind === kind)?.types;
  const filter = {
    ...(types && { media_type: { in: types } }),
    ...(language.trim() && { language: language.trim().toLowerCase() }),
    ...(field.trim() && value.trim() && { [`metadata.${field.trim()}`]: metadataValue(value.trim()) }),
  };
  return Object.keys(filter).length > 0 ? filter : null;
}

export function readChoice(filter: Record<string, unknown> | null): FilterChoice {
  if (!filter) return noFilter;
  const types = (filter['media_type'] as { in?: string[] } | undefined)?.in;
  const field = Object.keys(filter).find((name) => name.startsWith('metadata.'));
  return {
    kind: mediaTypes.find((known) => known.types[0] === types?.[0])?.kind ?? '',
    language: (filter['language'] as string | undefined) ?? '',
    field: field?.slice('metadata.'.length) ?? '',
    value: field ? String(filter[field]) : '',
  };
}

/** A number, a truth value or text, as it was most likely uploaded. */
export function metadataValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d{1,15}(\.\d{1,10})?$/.test(text) ? Number(text) : text;
}
