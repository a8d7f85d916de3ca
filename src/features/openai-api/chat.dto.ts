import { z } from 'zod';
import { cleanText } from '../../common/text/clean.js';
import { CitationItem, SearchResult } from '../answers/answers.dto.js';

const maxMessages = 200;
const maxMessageLength = 200_000;

const TextPart = z.looseObject({ type: z.string(), text: z.string().max(maxMessageLength).nullish() });
const Content = z
  .union([z.string().max(maxMessageLength), z.array(TextPart).max(100), z.null()])
  .transform((content) =>
    cleanText(
      typeof content === 'string'
        ? content
        : (content ?? []).flatMap(({ text }) => (text ? [text] : [])).join('\n'),
    ),
  );

const Message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: Content.default('').meta({ description: 'A text, or parts of which those of type `text` count' }),
});

/**
 * Fields of the OpenAI API without a meaning here (`temperature`, `tools`, …) are accepted and ignored, since
 * clients send them by default.
 */
export const ChatCompletionRequest = z
  .looseObject({
    model: z
      .string()
      .max(200)
      .meta({ description: '`docent` for every document set, `docent/SET` for one', example: 'docent' }),
    messages: z
      .array(Message)
      .min(1)
      .max(maxMessages)
      .meta({
        description:
          'The last `user` message is the question, earlier ones of user and assistant its history',
        example: [{ role: 'user', content: 'How many days of annual leave do full-time employees get?' }],
      }),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  })
  .meta({
    example: {
      model: 'docent',
      messages: [{ role: 'user', content: 'How many days of annual leave do full-time employees get?' }],
    },
  });
export type ChatCompletionRequest = z.infer<typeof ChatCompletionRequest>;

export const Annotation = z.object({
  type: z.literal('url_citation'),
  url_citation: z.object({
    start_index: z.int().meta({ description: 'Place of the marker in the content, in UTF-16 units' }),
    end_index: z.int(),
    title: z.string(),
    url: z.string().meta({ description: 'The original file, with `#page=` where a page is known' }),
    quote: z.string().meta({ description: 'Not of the OpenAI API, as `page` and `verified`' }),
    page: z.int().nullable(),
    verified: z.boolean().meta({ description: 'Whether the document has the quote' }),
  }),
});
export type Annotation = z.infer<typeof Annotation>;

/** Data that the OpenAI API has no field for: quotes with their pages, and whether each was verified. */
export const DocentExtension = z.object({
  answered: z.boolean(),
  answer_mode: z.enum(['llm', 'extractive', 'none']),
  query: z.string(),
  citations: z.array(
    CitationItem.extend({
      filename: z.string(),
      document_set: z.string(),
      document_id: z.string(),
    }),
  ),
  results: z.array(SearchResult),
});
export type DocentExtension = z.infer<typeof DocentExtension>;

export const Usage = z.object({
  prompt_tokens: z.int(),
  completion_tokens: z.int(),
  total_tokens: z.int(),
});
export type Usage = z.infer<typeof Usage>;

export const ChatCompletion = z.object({
  id: z.string().meta({ example: 'chatcmpl-0195f7a0-0000-7000-8000-000000000000' }),
  object: z.literal('chat.completion'),
  created: z.int().meta({ description: 'Seconds since 1970' }),
  model: z.string(),
  choices: z.array(
    z.object({
      index: z.int(),
      message: z.object({
        role: z.literal('assistant'),
        content: z.string(),
        refusal: z.null(),
        annotations: z.array(Annotation),
      }),
      logprobs: z.null(),
      finish_reason: z.enum(['stop', 'length']),
    }),
  ),
  usage: Usage,
  docent: DocentExtension,
});
export type ChatCompletion = z.infer<typeof ChatCompletion>;

export const Model = z.object({
  id: z.string().meta({ example: 'docent/handbook' }),
  object: z.literal('model'),
  created: z.int(),
  owned_by: z.string(),
});
export type Model = z.infer<typeof Model>;
export const ModelList = z.object({ object: z.literal('list'), data: z.array(Model) });
