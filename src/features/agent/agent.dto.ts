import { z } from 'zod';
import { CitationItem, Question } from '../answers/answers.dto.js';

export const AgentRequest = z
  .strictObject({ prompt: Question.meta({ description: 'The task, 1…8000 characters' }) })
  .meta({ example: { prompt: 'How many days of annual leave do full-time employees get?' } });
export type AgentRequest = z.infer<typeof AgentRequest>;

export const AgentStep = z.object({
  tool: z.string().meta({ example: 'search_documents' }),
  arguments: z.unknown(),
  result: z
    .string()
    .meta({ description: 'The result in a few words', example: '6 passages from 2 documents' }),
  ok: z.boolean(),
  took_ms: z.number(),
});
export type AgentStep = z.infer<typeof AgentStep>;

const AgentCitation = CitationItem.extend({
  result: z.int().meta({ description: 'Place among the passages that the tools gave, from 0' }),
  filename: z.string(),
  document_set: z.string(),
  document_id: z.string(),
});

export const AgentResponse = z.object({
  response: z.string(),
  citations: z.array(AgentCitation),
  steps: z.array(AgentStep),
});
export type AgentResponse = z.infer<typeof AgentResponse>;

export const AgentAccepted = z.object({ task_id: z.uuid() });
