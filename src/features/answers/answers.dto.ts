import { z } from 'zod';
import { orDefault } from '../../common/or-default.js';
import { PageBox, TextSource } from '../../common/chunk-place.js';
import { DocumentSetFilter } from '../../common/document-set.js';
import { cleanText, trimInvisible } from '../../common/text/clean.js';
import { Filter } from '../search/filter.js';

const maxQuestionLength = 8000;
const maxTurnLength = 20_000;
const maxContextLength = 50_000;

/** Text of a question: 1…8000 characters once invisible ones at its ends are gone. */
export const Question = z
  .string()
  .max(4 * maxQuestionLength, `must have at most ${maxQuestionLength} characters`)
  .transform((text) => trimInvisible(cleanText(text)))
  .pipe(z.string().min(1, 'must hold a visible character').max(maxQuestionLength))
  .meta({ minLength: 1, maxLength: maxQuestionLength, pattern: '\\S' });

const HistoryTurn = z.strictObject({
  role: z.enum(['user', 'assistant']),
  content: z.string().max(maxTurnLength).transform(cleanText),
});

export const SearchRequest = z
  .strictObject({
    prompt: Question.meta({
      description: 'The question, 1…8000 characters',
      example: 'How many days of annual leave do full-time employees get?',
    }),
    limit: orDefault(z.int().min(1).max(100), 10).meta({ description: 'Results, at most' }),
    document_set: DocumentSetFilter.meta({
      description: 'One document set; `all`, null or nothing for every set',
      example: 'handbook',
    }),
    filter: Filter.nullish(),
    mode: orDefault(z.enum(['hybrid', 'vector', 'keyword']), 'hybrid'),
    neighbours: orDefault(z.int().min(0).max(3), 0).meta({
      description:
        'Chunks before and after each result that are merged into its content. The other fields stay those of the found chunk',
    }),
    answer: orDefault(z.boolean(), true).meta({ description: '`false` is retrieval alone' }),
    history: orDefault(z.array(HistoryTurn).max(50), []).meta({
      description: 'Earlier turns, from which a follow-up question is made stand-alone',
    }),
  })
  .meta({
    id: 'SearchRequest',
    // asked of the samples it has an answer, with no set or filter in the way
    example: { prompt: 'How many days of annual leave do full-time employees get?' },
  });
export type SearchRequest = z.infer<typeof SearchRequest>;

export const SearchResult = z
  .object({
    id: z.string(),
    content: z.string(),
    score: z.number().meta({ description: 'Absolute support, 0…1: means the same across queries' }),
    highlights: z
      .array(z.string())
      .meta({ description: 'Words of the content that the question asks for, verbatim' }),
    metadata: z
      .looseObject({
        filename: z.string(),
        document_set: z.string(),
        document_id: z.string(),
        page: z.int().nullable(),
        page_end: z.int().nullable(),
        heading: z.string().nullable(),
        neighbours: z
          .array(z.int())
          .meta({ description: 'Ordinals of the chunks that were merged into this result' }),
      })
      .meta({ description: 'With the metadata that the document was uploaded with' }),
  })
  .meta({ id: 'SearchResult' });

export type SearchResult = z.infer<typeof SearchResult>;

export const CitationItem = z
  .object({
    marker: z.string().meta({ description: 'The marker as in the answer', example: '[1]' }),
    result: z.int().meta({ description: 'Place of the cited result, from 0', example: 0 }),
    quote: z.string().meta({ description: 'Words of the result', example: 'Leave is 25 days a year.' }),
    page: z.int().nullable(),
    verified: z.boolean().meta({
      description:
        'True when the result contains the quote, character for character after white-space folding',
    }),
    key: z.string().nullish().meta({
      description: 'Names the quote to `citation` of `/agent/documents/{id}/pages/{n}.png`',
      example: '1.12.40-97',
    }),
    boxes: z.array(PageBox).optional().meta({
      description:
        'Boxes of the quote on its pages, one for each line: points, origin top left. Empty if unknown',
    }),
    page_size: z
      .object({ width: z.number(), height: z.number() })
      .nullish()
      .meta({ description: 'Of the page of the first box, in points' }),
    source: TextSource.nullish().meta({ description: 'How the text was read from the file' }),
    cells: z
      .string()
      .nullish()
      .meta({ description: 'Cells of the spreadsheet that hold the quote', example: 'Sheet1!B7:D7' }),
  })
  .meta({ id: 'Citation' });

const Warnings = z.array(z.string()).optional().meta({
  description:
    '`fallback` (the model did not answer), `truncated`, `unsupported` (a statement of the model without words of a source was left out or marked), `dropped [9]` (a marker that named no result)',
});

export const AnswerUsage = z
  .object({ prompt_tokens: z.int(), completion_tokens: z.int(), embedding_tokens: z.int() })
  .meta({
    id: 'AnswerUsage',
    description:
      'Tokens that this answer cost: as the model server counts them, else an estimate; 0 for a model that was not asked, as for an answer from the cache',
  });
export type AnswerUsage = z.infer<typeof AnswerUsage>;

export const SearchResponse = z.object({
  answer: z.string().nullable().meta({ description: 'Null when no answer was asked for' }),
  answered: z.boolean(),
  answer_mode: z.enum(['llm', 'extractive', 'none']),
  results: z.array(SearchResult),
  citations: z.array(CitationItem),
  query: z.string().meta({
    description: 'The text that was searched for: the prompt, or with a history the stand-alone question',
  }),
  took_ms: z.object({ embed: z.number(), search: z.number(), rerank: z.number(), answer: z.number() }),
  usage: AnswerUsage,
  warnings: Warnings,
});
export type SearchResponse = z.infer<typeof SearchResponse>;

const ContextResult = z.object({
  content: z.string().max(maxContextLength).transform(cleanText),
  metadata: z.record(z.string(), z.unknown()).nullish(),
});
export const SearchQaRequest = z
  .strictObject({
    question: Question,
    context_results: z
      .array(ContextResult)
      .max(100)
      .meta({ description: 'Results of a search as they came; further fields are ignored' }),
  })
  .meta({
    example: {
      question: 'How many days of annual leave do full-time employees get?',
      context_results: [
        {
          content:
            'Full-time employees are entitled to 28 days of annual leave in each calendar year, public holidays not counted.',
          metadata: { filename: 'employee-handbook.pdf', page: 8 },
        },
      ],
    },
  });
export type SearchQaRequest = z.infer<typeof SearchQaRequest>;

export const SearchQaResponse = z.object({
  answer: z.string(),
  answered: z.boolean(),
  citations: z.array(CitationItem),
  usage: AnswerUsage,
  warnings: Warnings,
});
export type SearchQaResponse = z.infer<typeof SearchQaResponse>;
