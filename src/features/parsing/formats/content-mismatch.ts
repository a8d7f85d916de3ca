import { Problem } from '../../../common/errors.js';
import { type Format, formatTable } from './format-table.js';

/** What the bytes of a file are; `other` names what docent does not read. */
export type Content =
  { format: Exclude<Format, 'image'>; macros?: boolean } | { image: string } | 'text' | { other: string };

export const unknownContent: Content = { other: 'of no known format' };
export const readFormats = 'PDF, Office, web pages, mail, calendars, e-books, text or images';

/** Says what a file is that its name does not say, and what to do. */
export function contentMismatch(extension: string, content: Content): Problem {
  const named = `The file is named .${extension}, but its content is`;
  if (content === 'text')
    return new Problem('content_mismatch', `${named} plain text. Name it .txt, or upload the real file.`);
  if ('image' in content)
    return new Problem(
      'content_mismatch',
      `${named} ${content.image}. Give it the extension of that image format.`,
    );
  if ('format' in content)
    return new Problem('content_mismatch', `${named} ${content.format}. ${advice(content)}`);
  const cause =
    content === unknownContent ? `${content.other}: it may be damaged or encrypted` : content.other;
  return new Problem('content_mismatch', `${named} ${cause}. Upload ${readFormats}.`);
}

function advice({ format, macros }: { format: Format; macros?: boolean }): string {
  if (format === 'html')
    return 'A page, often of a login or an error, was saved in place of the file: upload the file itself, or name it .html.';
  if (macros) return 'It holds macros: save it without them.';
  return `Give it the extension .${formatTable[format].extensions[0]}.`;
}
