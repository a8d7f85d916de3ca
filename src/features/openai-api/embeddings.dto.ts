import { z } from 'zod';
import { orDefault } from '../../common/or-default.js';
import { cleanText } from '../../common/text/clean.js';
import { estimateTokens } from '../../common/tokens.js';

/** These are the bounds of OpenAI's API, so that its clients need no others. */
const maxInputs = 2048;
const maxTokens = 300_000;
const maxInputLength = 100_000;
const Text = z.string().min(1).max(maxInputLength).transform(cleanText);
const countTokens = (texts: string[]): number => texts.reduce((sum, text) => sum + estimateTokens(text), 0);
const Input = z
  .union([Text.transform((text) => [text]), z.array(Text).min(1).max(maxInputs)], {
    error: `needs a text, or 1 to ${maxInputs} texts, of 1 to ${maxInputLength} characters each; arrays of tokens are not read`,
  })
  .refine((texts) => countTokens(texts) <= maxTokens, {
    error: `holds more than ${maxTokens} tokens: send it in several requests`,
  });

export const EmbeddingsRequest = z
  .looseObject({
    model: z.string().max(200).meta({
      description: '`docent`, or the name of the configured embedding model',
      example: 'docent',
    }),
    input: Input.meta({
      description: `One text or up to ${maxInputs} of them, of ${maxTokens} tokens together; arrays of tokens are not read`,
      example: 'How many days of annual leave do full-time employees get?',
    }),
    encoding_format: orDefault(z.enum(['float', 'base64']), 'float').meta({
      description: '`base64` is little-endian 32-bit floats',
    }),
    dimensions: z.int().positive().nullish().meta({ description: 'Only those of the model' }),
    input_type: orDefault(z.enum(['passage', 'query']), 'passage').meta({
      description: 'Extension: marks a question, for models that embed questions and passages differently',
    }),
  })
  .meta({ example: { model: 'docent', input: 'How many days of annual leave do full-time employees get?' } });
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequest>;

export const EmbeddingsResponse = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      object: z.literal('embedding'),
      index: z.int(),
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
  model: z.string(),
  usage: z.object({ prompt_tokens: z.int(), total_tokens: z.int() }),
});
export type EmbeddingsResponse = z.infer<typeof EmbeddingsResponse>;
