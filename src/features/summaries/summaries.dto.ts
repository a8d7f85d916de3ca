import { z } from 'zod';
import { PageQuery } from '../../common/cursor.js';
import { DocumentSetFilter } from '../../common/document-set.js';
import { readQuery } from '../../common/read-query.js';
import { Question } from '../answers/answers.dto.js';

const Filename = z.string().min(1).max(1000).meta({
  maxLength: 255,
  description: 'Name of a document, at most 255 bytes',
  example: 'employee-handbook.pdf',
});
const Named = {
  filename: Filename,
  document_set: DocumentSetFilter.meta({
    description: 'Needed when the name exists in several sets',
    example: 'handbook',
  }),
};

export const SummarizeRequest = z
  .strictObject(Named)
  .meta({ example: { filename: 'employee-handbook.pdf' } });
export type SummarizeRequest = z.infer<typeof SummarizeRequest>;
export const SummarizeResponse = z.object({ task_id: z.uuid(), message: z.string() });
export type SummarizeResponse = z.infer<typeof SummarizeResponse>;

export const ListSummariesQuery = readQuery({ ...PageQuery, document_set: DocumentSetFilter });
export type ListSummariesQuery = z.infer<typeof ListSummariesQuery>;
const SummaryItem = z.object({
  id: z.uuid(),
  filename: z.string(),
  document_set: z.string(),
  document_id: z.uuid(),
  version: z.int(),
  summary_text: z.string(),
  model: z.string().meta({
    description: "`extractive` for a summary of the document's own sentences",
    example: 'extractive',
  }),
  created_at: z.iso.datetime(),
});
export const SummariesResponse = z.object({
  summaries: z.array(SummaryItem),
  next_cursor: z.string().nullable(),
});

export const SummaryQaRequest = z
  .strictObject({ ...Named, question: Question })
  .meta({ example: { filename: 'employee-handbook.pdf', question: 'What is it about?' } });
export type SummaryQaRequest = z.infer<typeof SummaryQaRequest>;
export const SummaryQaResponse = z.object({ answer: z.string(), answered: z.boolean() });
export type SummaryQaResponse = z.infer<typeof SummaryQaResponse>;
