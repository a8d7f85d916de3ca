import { Injectable } from '@nestjs/common';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import { ordinalCursor } from '../../common/cursor.js';
import { DocumentSetFilter } from '../../common/document-set.js';
import type { Principal } from '../../common/principal.js';
import { parseWith } from '../../common/validate.js';
import { Env } from '../../config/env.js';
import type { DocumentRow } from '../../platform/database/functions.js';
import { CitationItem, SearchRequest, SearchResult } from '../answers/answers.dto.js';
import { AnswersService } from '../answers/answers.service.js';
import { Quotas } from '../auth/quotas.js';
import { DocumentStore } from '../documents/document.store.js';
import { SummariesService } from '../summaries/summaries.service.js';

const maxPassages = 50;
const maxDocuments = 200;
/** Characters of a document that is read as a whole: the answer is one piece of memory. */
const maxTextLength = 1_000_000;

/** One call of a tool: its principal and its signal. */
interface ToolCall {
  principal: Principal;
  signal: AbortSignal;
}

/**
 * A tool in the form of the protocol. `run` sees only documents that the principal may see, whatever its
 * arguments.
 */
export interface Tool<Input extends z.ZodRawShape = z.ZodRawShape> {
  title: string;
  description: string;
  input: Input;
  output: z.ZodRawShape;
  run(args: z.infer<z.ZodObject<Input>>, call: ToolCall): Promise<CallToolResult>;
}

const documentSet = z
  .string()
  .max(1000)
  .optional()
  .describe('One document set; without it every set that you may see');
const named = {
  document: z.string().min(1).max(1000).describe('File name or id of the document'),
  document_set: documentSet.describe('Document set, if the file name exists in several'),
};
const AboutDocument = z.object({
  id: z.string(),
  filename: z.string(),
  document_set: z.string(),
  status: z.string(),
  pages: z.number().nullable(),
  language: z.string().nullable(),
});

/** The tools of the MCP server: find, ask and read. None of them changes documents. */
@Injectable()
export class McpTools {
  readonly all: Record<string, Tool>;

  constructor(
    private readonly env: Env,
    private readonly answers: AnswersService,
    private readonly documents: DocumentStore,
    private readonly summaries: SummariesService,
    private readonly quotas: Quotas,
  ) {
    this.all = {
      search: this.search(),
      ask: this.ask(),
      list_documents: this.list(),
      read_document: this.read(),
      summarize: this.summarize(),
    } as unknown as Record<string, Tool>;
  }

  /**
   * The text of a document, or the beginning of a very long one,
   * for a client that follows a link to it. @throws not_found
   */
  async readText(principal: Principal, id: string): Promise<string> {
    await this.documents.get(principal, id);
    let text = '';
    let cursor: string | undefined;
    do {
      const { rows, next_cursor } = await this.documents.chunks(principal, id, { limit: 200, cursor });
      for (const { content } of rows) text += text === '' ? content : `\n\n${content}`;
      cursor = next_cursor ?? undefined;
    } while (cursor !== undefined && text.length < maxTextLength);
    if (cursor === undefined) return text;
    return `${text}\n\n(The document goes on. Read the rest with the tool read_document.)`;
  }

  private search() {
    return tool({
      title: 'Search documents',
      description:
        'Finds the passages that fit a query best, with file, page and heading. Ask several differently worded queries for a question with several parts.',
      input: {
        query: z.string().min(1).max(8000).describe('What to look for'),
        document_set: documentSet,
        limit: z.number().int().min(1).max(maxPassages).default(8).describe('Passages, at most'),
      },
      output: { results: z.array(SearchResult) },
      run: async ({ query, document_set, limit }, { principal, signal }) => {
        const request = parseWith(SearchRequest, { prompt: query, document_set, limit, answer: false });
        const { results } = await this.answers.search(request, principal, signal);
        const lines = results.map(
          ({ content, metadata }, place) => `[${place + 1}] ${makeLabel(metadata)}\n${content}`,
        );
        return {
          content: [
            { type: 'text', text: lines.join('\n\n') || 'Nothing was found.' },
            ...linksTo(results.map(({ metadata }) => metadata)),
          ],
          structuredContent: { results },
        };
      },
    });
  }

  private ask() {
    return tool({
      title: 'Ask the documents',
      description:
        'Answers a question from the documents, with quotes that were checked against them. `answered` is false where the documents hold no answer.',
      input: {
        question: z.string().min(1).max(8000),
        document_set: documentSet,
      },
      output: {
        answer: z.string().nullable(),
        answered: z.boolean(),
        citations: z.array(CitationItem.extend({ filename: z.string(), document_id: z.string() })),
      },
      run: async ({ question, document_set }, { principal, signal }) => {
        if (this.env.LLM_DRIVER !== 'offline') await this.quotas.assertTokens(principal.tenant);
        const request = parseWith(SearchRequest, { prompt: question, document_set });
        const { answer, answered, citations, results } = await this.answers.search(
          request,
          principal,
          signal,
        );
        const quoted = citations.flatMap((citation) => {
          const metadata = results[citation.result]?.metadata;
          if (!metadata) return [];
          return { ...citation, filename: metadata.filename, document_id: metadata.document_id };
        });
        const sources = quoted.map(
          ({ marker, quote, filename, page, verified }) =>
            `${marker} ${filename}${page === null ? '' : `, page ${page}`}${verified ? '' : ' (not verified)'}: ${quote}`,
        );
        const cited = citations.flatMap(({ result }) => results[result]?.metadata ?? []);
        return {
          content: [
            { type: 'text', text: [answer ?? '', ...sources].join('\n') },
            ...linksTo(answered ? cited : results.slice(0, 3).map(({ metadata }) => metadata)),
          ],
          structuredContent: { answer, answered, citations: quoted },
        };
      },
    });
  }

  private list() {
    return tool({
      title: 'List documents',
      description: 'Lists documents with their state, newest first.',
      input: {
        document_set: documentSet,
        name_contains: z.string().max(255).optional().describe('Part of the file name'),
        limit: z.number().int().min(1).max(maxDocuments).default(50),
        cursor: z.string().max(1000).optional().describe('`next_cursor` of the previous page'),
      },
      output: { documents: z.array(AboutDocument), next_cursor: z.string().nullable() },
      run: async ({ document_set, name_contains, limit, cursor }, { principal }) => {
        const { rows, next_cursor } = await this.documents.list(principal, {
          limit,
          cursor,
          q: name_contains,
          document_set: parseWith(DocumentSetFilter, document_set, 'document_set'),
        });
        const documents = rows.map((row) => AboutDocument.parse(row));
        return {
          content: [{ type: 'text', text: JSON.stringify(documents) }, ...rows.map(linkToRow)],
          structuredContent: { documents, next_cursor },
        };
      },
    });
  }

  private read() {
    return tool({
      title: 'Read a document',
      description: 'Reads a document from a passage on. Go on with `next_from` until it is null.',
      input: {
        ...named,
        from: z
          .number()
          .int()
          .min(0)
          .max(10_000_000)
          .default(0)
          .describe('Number of the first passage, from 0'),
        limit: z.number().int().min(1).max(maxPassages).default(20).describe('Passages, at most'),
      },
      output: {
        document: AboutDocument,
        passages: z.array(
          z.object({
            ordinal: z.number(),
            content: z.string(),
            page: z.number().nullable(),
            heading: z.string().nullable(),
          }),
        ),
        next_from: z.number().nullable(),
      },
      run: async ({ document, document_set, from, limit }, { principal }) => {
        const row = await this.find(principal, document, document_set);
        const cursor = from > 0 ? ordinalCursor(from - 1) : undefined;
        const { rows, next_cursor } = await this.documents.chunks(principal, row.id, { limit, cursor });
        const passages = rows.map(({ ordinal, content, page, heading }) => ({
          ordinal,
          content,
          page,
          heading,
        }));
        const last = rows.at(-1);
        return {
          content: [{ type: 'text', text: rows.map(({ content }) => content).join('\n\n') }, linkToRow(row)],
          structuredContent: {
            document: AboutDocument.parse(row),
            passages,
            next_from: next_cursor && last ? last.ordinal + 1 : null,
          },
        };
      },
    });
  }

  private summarize() {
    return tool({
      title: 'Summarize a document',
      description: 'Gives the stored summary of a document, or its most important sentences.',
      input: named,
      output: { document: AboutDocument, summary: z.string() },
      run: async ({ document, document_set }, { principal, signal }) => {
        const row = await this.find(principal, document, document_set);
        const summary = await this.summaries.read(principal, row, signal);
        return {
          content: [{ type: 'text', text: summary }, linkToRow(row)],
          structuredContent: { document: AboutDocument.parse(row), summary },
        };
      },
    });
  }

  private find(principal: Principal, document: string, set: string | undefined): Promise<DocumentRow> {
    return this.documents.resolve(principal, document, parseWith(DocumentSetFilter, set, 'document_set'));
  }
}

const tool = <Input extends z.ZodRawShape>(definition: Tool<Input>): Tool<Input> => definition;

type Link = Extract<CallToolResult['content'][number], { type: 'resource_link' }>;

const linkTo = (id: string, filename: string): Link => ({
  type: 'resource_link',
  uri: `docent://documents/${id}`,
  name: filename,
  mimeType: 'text/markdown',
});
const linkToRow = ({ id, filename }: DocumentRow): Link => linkTo(id, filename);

/** One link for each document, in the order of their first passages. */
function linksTo(sources: { document_id: string; filename: string }[]): Link[] {
  const names = new Map(sources.map(({ document_id, filename }) => [document_id, filename]));
  return [...names].map(([id, filename]) => linkTo(id, filename));
}

function makeLabel({ filename, page, heading }: SearchResult['metadata']): string {
  return [filename, page === null ? null : `page ${page}`, heading].filter(Boolean).join(', ');
}
