import { z } from 'zod';
import { PageBox, TextSource } from '../../common/chunk-place.js';
import { CitationKey } from '../../common/citation-key.js';
import { queryNumber } from '../../common/query-number.js';
import { readQuery } from '../../common/read-query.js';
import { DocumentWarning } from '../documents/documents.dto.js';

export const TextQuery = readQuery({ format: z.enum(['markdown', 'json']).default('markdown') });
export type TextQuery = z.infer<typeof TextQuery>;

const TextPart = z.object({
  markdown: z.string(),
  page: z.int().nullable().meta({ description: 'Page or slide, from 1; null where the format has none' }),
  page_end: z.int().nullable(),
  heading: z.string().nullable().meta({ description: 'Heading path', example: 'Handbook > Leave' }),
  source: TextSource.meta({ description: 'How the text was read from the file' }),
  boxes: z.array(PageBox.extend({ start: z.int(), end: z.int() })).meta({
    description:
      'Boxes of the text, one for each line: points, origin top left; `start` and `end` are the first and last character of the line in `markdown` (end exclusive)',
  }),
  page_size: z
    .object({ width: z.number(), height: z.number() })
    .nullable()
    .meta({ description: 'Size of the page in points; null where it is unknown' }),
});
export type TextPart = z.infer<typeof TextPart>;
export const TextResponse = z.object({ parts: z.array(TextPart), warnings: z.array(DocumentWarning) });

export const PictureQuery = readQuery({
  dpi: queryNumber(72, 200).default(100),
  citation: CitationKey.optional().meta({
    description:
      'The `key` of a citation: its quote is marked. `{version}.{ordinal}` of a result marks the whole passage. Such as `1.12.40-97`',
  }),
});
export type PictureQuery = z.infer<typeof PictureQuery>;
