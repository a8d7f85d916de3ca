import { DocentError } from '@docent/client';
import type { Failure } from '../client/types.js';
import { t } from './texts.js';

/** The reader's own region, where it has the language of the page. */
export const regionalLocale = (): string =>
  navigator.languages.find((name) => name.toLowerCase().startsWith(t().locale)) ?? t().locale;

const units = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toLocaleString(t().locale, { maximumFractionDigits: unit > 1 && value < 100 ? 1 : 0 })} ${units[unit]}`;
}

export const formatNumber = (value: number): string => value.toLocaleString(t().locale);

export function formatDuration(milliseconds: number): string {
  const number = (value: number, digits = 0) =>
    value.toLocaleString(t().locale, { maximumFractionDigits: digits });
  if (milliseconds < 1000) return `${number(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 90) return `${number(seconds, seconds < 10 ? 1 : 0)} s`;
  if (seconds < 5400) return `${number(seconds / 60)} min`;
  return `${number(seconds / 3600, 1)} h`;
}

/** Today the time, else the date; the whole of it is for a title. */
export function formatWhen(at: string): string {
  const date = new Date(at);
  const today = new Date().toDateString() === date.toDateString();
  return date.toLocaleString(
    regionalLocale(),
    today ? { hour: '2-digit', minute: '2-digit' } : { day: 'numeric', month: 'short', year: 'numeric' },
  );
}

export const formatFullTime = (at: string): string =>
  new Date(at).toLocaleString(regionalLocale(), { dateStyle: 'medium', timeStyle: 'medium' });

/** What went wrong, in words of people. */
export function describeError(error: unknown): string {
  if (error instanceof DocentError) {
    if (error.code === 'rate_limited' && error.retryAfter) return t().state.retryIn(error.retryAfter);
    if (['unreachable', 'forbidden', 'not_found', 'internal'].includes(error.code))
      return t().errors[error.code] ?? error.detail;
    return error.detail;
  }
  return error instanceof Error ? error.message : t().common.unknownError;
}

/** Why a document or task failed. */
export const describeFailure = (failure: Failure | null): string =>
  failure === null ? '' : (t().errors[failure.code] ?? failure.detail);

/** A heading with those above it: `Travel > Hotels` is shown as `Travel › Hotels`. */
export const headingPath = (heading: string): string => heading.replaceAll(' > ', ' › ');

type FileKind = keyof ReturnType<typeof t>['fileTypes'];

/** The kinds that documents can be filtered by, with the media types that each stands for. */
export const mediaTypes: { kind: FileKind; types: string[] }[] = [
  { kind: 'pdf', types: ['application/pdf'] },
  {
    kind: 'word',
    types: [
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.template',
      'application/vnd.ms-word.document.macroEnabled.12',
      'application/vnd.ms-word.template.macroEnabled.12',
      'application/msword',
    ],
  },
  {
    kind: 'excel',
    types: [
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.template',
      'application/vnd.ms-excel.sheet.macroEnabled.12',
      'application/vnd.ms-excel.template.macroEnabled.12',
      'application/vnd.ms-excel.sheet.binary.macroEnabled.12',
      'application/vnd.ms-excel',
    ],
  },
  {
    kind: 'powerpoint',
    types: [
      'application/vnd.openxmlformats-officedocument.presentationml.presentation',
      'application/vnd.openxmlformats-officedocument.presentationml.slideshow',
      'application/vnd.openxmlformats-officedocument.presentationml.template',
      'application/vnd.ms-powerpoint.presentation.macroEnabled.12',
      'application/vnd.ms-powerpoint',
    ],
  },
  { kind: 'text', types: ['text/plain'] },
  { kind: 'markdown', types: ['text/markdown', 'text/x-markdown'] },
  { kind: 'html', types: ['text/html', 'application/xhtml+xml'] },
  { kind: 'csv', types: ['text/csv', 'text/tab-separated-values'] },
  { kind: 'json', types: ['application/json'] },
  { kind: 'xml', types: ['application/xml', 'text/xml'] },
  { kind: 'mail', types: ['message/rfc822'] },
  { kind: 'epub', types: ['application/epub+zip'] },
  {
    kind: 'opendocument',
    types: [
      'application/vnd.oasis.opendocument.text',
      'application/vnd.oasis.opendocument.spreadsheet',
      'application/vnd.oasis.opendocument.presentation',
    ],
  },
  { kind: 'rtf', types: ['application/rtf', 'text/rtf'] },
  { kind: 'image', types: ['image/png', 'image/jpeg', 'image/webp', 'image/tiff'] },
];

export function fileKind(mediaType: string): FileKind {
  const plain = mediaType.split(';')[0] ?? '';
  return mediaTypes.find(({ types }) => types.includes(plain))?.kind ?? 'other';
}
