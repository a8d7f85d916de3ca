import { DocentError } from '@docent/client';
import type { WarningParams } from '../../../../common/warnings.js';
import type { Failure, Warning } from '../client/types.js';
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

/** Errors whose English detail says more than their code: which field, which limit. */
const detailedErrors: readonly string[] = [
  'validation_failed',
  'invalid_filename',
  'address_not_allowed',
  'conflict',
  'quota_exceeded',
];

const textFor = (code: string): string | undefined => (t().errors as Record<string, string>)[code];

/** Describes an error for people. */
export function describeError(error: unknown): string {
  if (!(error instanceof DocentError))
    return error instanceof Error ? error.message : t().common.unknownError;
  const { code, detail, retryAfter } = error;
  if (code === 'rate_limited' && retryAfter) return t().state.retryIn(retryAfter);
  const words = textFor(code);
  if (words === undefined) return detail;
  return detailedErrors.includes(code) ? `${words} (${detail})` : words;
}

/** Why a file was not taken, or a document or task failed. */
export const describeFailure = (failure: Pick<Failure, 'code' | 'detail'> | null): string =>
  failure === null ? '' : (textFor(failure.code) ?? failure.detail);

/** Describes a warning about a document, in the language of the page where its figures are known. */
export function describeWarning({ code, detail, pages, params }: Warning): string {
  const say = (t().warnings as Partial<Record<string, (params: WarningParams) => string>>)[code];
  const words = say && (params || say.length === 0) ? say(params ?? {}) : detail;
  const file = say && params?.['file'] !== undefined ? `${params['file']}: ` : '';
  const where = pages && pages.length > 0 ? ` ${t().document.onPages(pages)}` : '';
  return `${file}${words}${where}`;
}

/** The name of a language by its code, such as `de` or Tesseract's `deu`. */
export function nameLanguage(code: string): string {
  try {
    return new Intl.DisplayNames([t().locale], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** A heading with those above it: `Travel > Hotels` is shown as `Travel › Hotels`. */
export const headingPath = (heading: string): string =>
  heading.replace(/^\S+\.x?html?(?: > |$)/i, '').replaceAll(' > ', ' › ');

/** True when the pages of a file are slides. */
export const hasSlides = (mediaType: string): boolean =>
  fileKind(mediaType) === 'powerpoint' || mediaType.includes('opendocument.presentation');

/** `page 3`, `pages 3–4`, `slide 3`. */
export const placeOnPage = (mediaType: string, page: number, end?: number | null): string =>
  hasSlides(mediaType) ? t().ask.slide(page, end) : t().ask.page(page, end);

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
      'application/vnd.ms-powerpoint.slideshow.macroEnabled.12',
      'application/vnd.ms-powerpoint.template.macroEnabled.12',
      'application/vnd.ms-powerpoint',
    ],
  },
  { kind: 'text', types: ['text/plain', 'text/x-rst', 'text/asciidoc', 'text/x-org', 'application/x-tex'] },
  { kind: 'markdown', types: ['text/markdown', 'text/x-markdown'] },
  { kind: 'html', types: ['text/html', 'application/xhtml+xml', 'multipart/related'] },
  { kind: 'csv', types: ['text/csv', 'text/tab-separated-values'] },
  { kind: 'json', types: ['application/json', 'application/x-ndjson'] },
  { kind: 'xml', types: ['application/xml', 'text/xml'] },
  {
    kind: 'mail',
    types: ['message/rfc822', 'application/vnd.ms-outlook', 'application/vnd.ms-tnef', 'application/mbox'],
  },
  { kind: 'calendar', types: ['text/calendar'] },
  { kind: 'contacts', types: ['text/vcard'] },
  { kind: 'transcript', types: ['text/vtt', 'application/x-subrip'] },
  { kind: 'notebook', types: ['application/x-ipynb+json'] },
  { kind: 'epub', types: ['application/epub+zip'] },
  {
    kind: 'opendocument',
    types: ['text', 'spreadsheet', 'presentation'].flatMap((kind) =>
      ['', '-template', '-flat-xml'].map((form) => `application/vnd.oasis.opendocument.${kind}${form}`),
    ),
  },
  { kind: 'rtf', types: ['application/rtf', 'text/rtf'] },
  { kind: 'image', types: ['image/png', 'image/jpeg', 'image/webp', 'image/tiff'] },
];

export function fileKind(mediaType: string): FileKind {
  const plain = mediaType.split(';')[0] ?? '';
  return mediaTypes.find(({ types }) => types.includes(plain))?.kind ?? 'other';
}
