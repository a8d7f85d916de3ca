import { z } from 'zod';
import { Problem } from '../../common/errors.js';
import { DocumentSetFilter } from '../../common/document-set.js';
import { clipToTokens } from '../../common/text/clip.js';
import { estimateTokens } from '../../common/tokens.js';
import { ordinalCursor } from '../../common/cursor.js';
import type { DocumentRow } from '../../platform/database/functions.js';
import type { ChatTool } from '../../platform/llm/llm.js';
import type { Source } from '../answers/sources.js';
import type { Principal } from '../../common/principal.js';
import type { DocumentStore } from '../documents/document.store.js';
import type { SearchService } from '../search/search.service.js';
import type { SummariesService } from '../summaries/summaries.service.js';

const tokensOfAResult = 3000;
const hitsOfASearch = 8;
const documentsOfAList = 50;
const chunksOfAReading = 50;

const named = {
  document: z.string().min(1).max(1000).describe('File name or id of the document'),
  document_set: DocumentSetFilter.describe('Document set, if the file name exists in several'),
};
const tools = {
  search_documents: {
    description:
      'Finds the passages that fit a query best. Use several differently worded queries for a question with several parts.',
    parameters: z.object({
      query: z.string().trim().min(1).max(2000).describe('What to look for'),
      document_set: DocumentSetFilter,
    }),
  },
  list_documents: {
    description: 'Lists documents with their state, newest first.',
    parameters: z.object({
      name_contains: z.string().max(255).nullish().describe('Part of the file name'),
      document_set: DocumentSetFilter,
    }),
  },
  read_document: {
    description: 'Reads a document from a passage on, as far as there is room.',
    parameters: z.object({
      ...named,
      from: z.int().min(0).max(1_000_000).nullish().describe('Number of the first passage, from 0'),
    }),
  },
  summarize_document: { description: 'Gives the summary of a document.', parameters: z.object(named) },
} as const;
type ToolName = keyof typeof tools;
const isTool = (name: string): name is ToolName => Object.hasOwn(tools, name);

export interface ToolServices {
  search: SearchService;
  documents: DocumentStore;
  summaries: SummariesService;
}

/** The result of a tool: `text` for the model, `outcome` for people. */
export interface ToolResult {
  ok: boolean;
  text: string;
  outcome: string;
}

/** A source with the document it is from. */
export interface AgentSource extends Source {
  id: string;
  document_id: string;
  document_set: string;
}

/**
 * The tools of one run. They see only documents that the principal may see, whatever their arguments.
 * Passages are numbered through the run.
 */
export class Toolbox {
  readonly sources: AgentSource[] = [];
  /** True when a search has found support for its query. */
  supported = false;

  constructor(
    private readonly services: ToolServices,
    private readonly principal: Principal,
    private readonly signal: AbortSignal,
  ) {}

  static readonly definitions: ChatTool[] = Object.entries(tools).map(
    ([name, { description, parameters }]) => ({
      name,
      description,
      parameters: z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' }) as Record<
        string,
        unknown
      >,
    }),
  );

  /**
   * Does not fail for a wrong call: the model gets the error as text.
   * @throws database_unavailable and other faults of the service
   */
  async run(name: string, given: string): Promise<ToolResult> {
    if (!isTool(name))
      return refused(`There is no tool ${JSON.stringify(name)}; there are ${Object.keys(tools).join(', ')}`);
    try {
      const parsed = parameters(given);
      if (name === 'search_documents') return await this.search(tools[name].parameters.parse(parsed));
      if (name === 'list_documents') return await this.list(tools[name].parameters.parse(parsed));
      if (name === 'read_document') return await this.read(tools[name].parameters.parse(parsed));
      return await this.summarize(tools[name].parameters.parse(parsed));
    } catch (error) {
      if (error instanceof z.ZodError) return refused(`The arguments do not fit: ${z.prettifyError(error)}`);
      if (error instanceof Problem && error.status < 500 && !this.signal.aborted)
        return refused(error.detail);
      throw error;
    }
  }

  private async search({
    query,
    document_set,
  }: z.infer<(typeof tools)['search_documents']['parameters']>): Promise<ToolResult> {
    const scope = { tenant: this.principal.tenant, sets: this.principal.document_sets, document_set };
    const { hits, supported } = await this.services.search.search(query, {
      scope,
      mode: 'hybrid',
      limit: hitsOfASearch,
      signal: this.signal,
    });
    if (supported) this.supported = true;
    const text = this.numbered(hits);
    const documents = new Set(hits.map(({ document_id }) => document_id)).size;
    return {
      ok: true,
      text: text || 'Nothing was found.',
      outcome: `${hits.length} passages from ${documents} documents`,
    };
  }

  private async list({
    name_contains,
    document_set,
  }: z.infer<(typeof tools)['list_documents']['parameters']>): Promise<ToolResult> {
    const q = name_contains ?? undefined;
    const { rows, next_cursor } = await this.services.documents.list(this.principal, {
      limit: documentsOfAList,
      document_set,
      q,
    });
    const lines = rows.map((row) =>
      JSON.stringify({
        filename: row.filename,
        document_set: row.document_set,
        id: row.id,
        status: row.status,
        pages: row.pages,
        language: row.language,
        title: row.title,
      }),
    );
    const more = next_cursor ? `\nThere are more than ${documentsOfAList}: narrow it down.` : '';
    return {
      ok: true,
      text: (lines.join('\n') || 'There are none.') + more,
      outcome: `${rows.length} documents`,
    };
  }

  private async read({
    document,
    document_set,
    from,
  }: z.infer<(typeof tools)['read_document']['parameters']>): Promise<ToolResult> {
    const row = await this.services.documents.resolve(this.principal, document, document_set);
    const start = from ?? 0;
    const page = { limit: chunksOfAReading, cursor: start > 0 ? ordinalCursor(start - 1) : undefined };
    const { rows } = await this.services.documents.chunks(this.principal, row.id, page);
    let room = tokensOfAResult;
    const fitting = rows.filter(
      ({ content }) => (room -= estimateTokens(content)) >= 0 || content === rows[0]?.content,
    );
    const last = fitting.at(-1);
    const end =
      last && last.ordinal + 1 < (row.chunk_count ?? 0)
        ? `\n\nGo on with from: ${last.ordinal + 1} (of ${row.chunk_count}).`
        : '\n\nThis is the end.';
    const text = this.numbered(fitting.map((chunk) => ({ ...chunk, ...aboutDocument(row) })));
    return last
      ? { ok: true, text: text + end, outcome: `${fitting.length} passages of ${row.filename}` }
      : refused(`${row.filename} has no passages from ${start} on`);
  }

  private async summarize({
    document,
    document_set,
  }: z.infer<(typeof tools)['summarize_document']['parameters']>): Promise<ToolResult> {
    const row = await this.services.documents.resolve(this.principal, document, document_set);
    const summary = clipToTokens(
      await this.services.summaries.read(this.principal, row, this.signal),
      tokensOfAResult,
    );
    const about = {
      ...aboutDocument(row),
      id: `summary:${row.id}`,
      content: summary,
      heading: 'Summary',
      page: null,
    };
    return { ok: true, text: this.numbered([about]), outcome: `Summary of ${row.filename}` };
  }

  /** Gives passages their numbers, the same passage always the same one. */
  private numbered(passages: AgentSource[]): string {
    return passages
      .map((passage) => {
        let place = this.sources.findIndex(({ id }) => id === passage.id);
        if (place < 0) {
          place = this.sources.length;
          const { id, content, title, filename, heading, page, language, document_id, document_set, score } =
            passage;
          this.sources.push({
            id,
            content,
            title,
            filename,
            heading,
            page,
            language,
            document_id,
            document_set,
            score,
          });
        }
        const label = [
          passage.filename,
          passage.page === null ? null : `page ${passage.page}`,
          passage.heading,
        ]
          .filter(Boolean)
          .join(', ');
        return `[${place + 1}] ${label.replace(/\s+/gu, ' ')}\n${passage.content}`;
      })
      .join('\n\n');
  }
}

const aboutDocument = ({ id, filename, document_set, title, language }: DocumentRow) => ({
  document_id: id,
  filename,
  document_set,
  title,
  language,
});
const refused = (text: string): ToolResult => ({
  ok: false,
  text: `Error: ${text}`,
  outcome: text.slice(0, 300),
});

function parameters(given: string): unknown {
  try {
    return JSON.parse(given.trim() === '' ? '{}' : given);
  } catch {
    throw new Problem('validation_failed', 'The arguments are not valid JSON.');
  }
}
