import { z } from 'zod';
import { orAbsent, orDefault } from '../../common/or-default.js';
import { warningCatalogue } from '../../common/warnings.js';
import { errorCatalogue, type ErrorCode } from '../../common/errors.js';
import { PageBox, TextSource } from '../../common/chunk-place.js';
import { PageQuery } from '../../common/cursor.js';
import { Moment } from '../../common/moment.js';
import { parserVersion } from '../parsing/parser-version.js';
import { DocumentSetFilter, DocumentSetName, DocumentSetTarget } from '../../common/document-set.js';
import { readQuery } from '../../common/read-query.js';

const scalar = z.union([z.string().max(2000), z.number(), z.boolean(), z.null()], {
  error: 'must be a text of up to 2,000 characters, a number, true, false or null',
});

/** Errors within a value have words of their own. */
const wordForShape = ({ code }: { code?: string | undefined }): string | undefined =>
  code === 'invalid_type' ? 'must be a flat JSON object' : undefined;

/** A flat JSON object: at most 100 keys, values that a filter can compare. */
export const Metadata = z
  .record(z.string().min(1).max(100), scalar, { error: wordForShape })
  .refine((metadata) => Object.keys(metadata).length <= 100, 'has more than 100 keys')
  .meta({
    description: 'Flat JSON object; filterable as `metadata.<key>`',
    example: { department: 'hr', year: 2026 },
  });
const IncludeHidden = z.boolean().meta({
  description:
    'Keeps text that the document hides from its reader (hidden text, sheets, rows, columns, slides), marked as hidden; without it such text is left out and a warning says so',
});
const Pipeline = z.enum(['standard', 'vlm']).meta({ description: '`vlm` reads pages with the vision model' });

const flag = z
  .enum(['true', 'false', '1', '0'], 'is neither true nor false')
  .transform((text) => text === 'true' || text === '1')
  .optional();

const { $schema: _, ...flatObject } = z.toJSONSchema(Metadata, { io: 'input' });

/** The text fields of a multipart upload. */
export const UploadFields = z.strictObject({
  document_set: DocumentSetTarget,
  pipeline: Pipeline.default('standard'),
  include_hidden: flag,
  metadata: z
    .string()
    .meta({ contentMediaType: 'application/json', contentSchema: flatObject })
    .transform((text, context) => {
      const refuse = (message: string): never => {
        context.addIssue({ code: 'custom', message });
        return z.NEVER;
      };
      try {
        const value: unknown = JSON.parse(text);
        const isHostile = typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__');
        return isHostile ? refuse('`__proto__` cannot be the name of a field') : value;
      } catch {
        return refuse('is not valid JSON');
      }
    })
    .pipe(Metadata)
    .optional(),
});
export type UploadFields = z.infer<typeof UploadFields>;

const IngestFile = z
  .strictObject({
    filename: z.string().min(1).max(1000).meta({
      description:
        'A name of at most 255 bytes in UTF-8, with an extension that is read; folders before it are kept as a label. The name may not consist of dots and spaces alone',
      pattern: '[^.\\s/\\\\]',
      example: 'leave.md',
    }),
    content: orAbsent(z.string()).meta({
      minLength: 1,
      description: 'Text, stored as UTF-8',
      example: '# Leave\n\nLeave is 25 days a year.',
    }),
    content_base64: orAbsent(z.base64()).meta({ minLength: 1, description: 'Bytes' }),
    document_set: z.string().max(1000).meta({ pattern: '[A-Za-z0-9]' }).nullish(),
    metadata: orAbsent(Metadata),
    include_hidden: orAbsent(IncludeHidden),
  })
  .refine((file) => (file.content === undefined) !== (file.content_base64 === undefined), {
    message: 'needs exactly one of content and content_base64',
    path: ['content'],
  })
  .meta({
    oneOf: [
      {
        required: ['content'],
        properties: { content: { type: 'string' }, content_base64: { type: 'null' } },
      },
      {
        required: ['content_base64'],
        properties: { content: { type: 'null' }, content_base64: { type: 'string' } },
      },
    ],
  });
export const IngestRequest = z
  .strictObject({
    document_set: DocumentSetTarget.meta({
      description: 'Where a file goes that names no set',
      example: 'handbook',
    }),
    pipeline: orDefault(Pipeline, 'standard'),
    include_hidden: orDefault(IncludeHidden, false),
    files: z.array(IngestFile).min(1).max(100),
  })
  .meta({
    example: {
      document_set: 'notes',
      files: [{ filename: 'canteen.md', content: '# Canteen\n\nThe canteen opens at noon.' }],
    },
  });
export type IngestRequest = z.infer<typeof IngestRequest>;

export const PutQuery = z.strictObject({
  pipeline: Pipeline.default('standard'),
  include_hidden: UploadFields.shape.include_hidden,
  metadata: UploadFields.shape.metadata,
});
export type PutQuery = z.infer<typeof PutQuery>;

export const ListDocumentsQuery = readQuery({
  ...PageQuery,
  document_set: DocumentSetFilter,
  status: z.enum(['queued', 'processing', 'ready', 'failed']).optional(),
  q: z.string().max(255).optional().meta({ description: 'Part of the file name' }),
  media_type: z
    .string()
    .max(1000)
    .transform((text) =>
      text
        .split(',')
        .map((type) => type.trim())
        .filter(Boolean),
    )
    .optional()
    .meta({ description: 'Media types, separated by commas, such as `application/pdf,text/csv`' }),
  created_from: Moment.optional().meta({ description: 'Added at this time or later' }),
  created_to: Moment.optional().meta({ description: 'Added before this time' }),
  sort: z.enum(['newest', 'oldest', 'name', 'name_desc']).optional().meta({
    description: 'By default newest first. A cursor belongs to the order that it was given out for',
  }),
});
/** Changes to a document; absent fields stay unchanged. */
export const ChangeDocumentRequest = z
  .strictObject({
    metadata: orAbsent(Metadata).meta({ description: 'Takes the place of all earlier metadata' }),
    document_set: orAbsent(DocumentSetName).meta({ description: 'Moves the document into this set' }),
  })
  .refine(({ metadata, document_set }) => metadata !== undefined || document_set !== undefined, {
    message: 'needs metadata or document_set',
    path: ['metadata'],
  })
  .meta({
    anyOf: [
      { required: ['metadata'], properties: { metadata: { type: 'object' } } },
      { required: ['document_set'], properties: { document_set: { type: 'string' } } },
    ],
    example: { metadata: { year: 2026, department: 'People' } },
  });
export type ChangeDocumentRequest = z.infer<typeof ChangeDocumentRequest>;
export type ListDocumentsQuery = z.infer<typeof ListDocumentsQuery>;
export const ChunksQuery = readQuery(PageQuery);
export type ChunksQuery = z.infer<typeof ChunksQuery>;
export const DeleteQuery = z.strictObject({
  document_set: z.string().max(1000).meta({ pattern: '[A-Za-z0-9]' }).optional(),
});
export type DeleteQuery = z.infer<typeof DeleteQuery>;

// ---- answers, for the OpenAPI document -----------------------------------------------------------------------------

const code = z.enum(Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]]);
const DocumentStatus = z.enum(['queued', 'processing', 'ready', 'failed']);
const FailureResponse = z.object({ code, detail: z.string(), retryable: z.boolean() });
export const DocumentWarning = z
  .object({
    code: z.string().meta({ description: `One of ${Object.keys(warningCatalogue).join(', ')}` }),
    detail: z.string(),
    pages: z.array(z.int()).optional().meta({ description: '1-based; missing for the whole document' }),
    params: z
      .record(z.string(), z.union([z.string(), z.number()]))
      .optional()
      .meta({ description: 'The figures and names in `detail`, to say it in another language' }),
  })
  .meta({
    description: 'Something that was lost, left out or odd when the document was read',
    example: {
      code: 'hidden_left_out',
      detail: 'Left out because the document hides it: 1 hidden sheet, 2 hidden rows.',
      params: { sheet: 1, row: 2 },
    },
  });
export const DocumentResponse = z
  .object({
    id: z.uuid(),
    filename: z.string(),
    document_set: z.string(),
    status: DocumentStatus,
    version: z.int(),
    ready_version: z.int().nullable(),
    chunk_count: z.int().nullable(),
    embedding: z.object({ embedded: z.int(), chunks: z.int() }).nullable().meta({
      description:
        'Chunks of the version that answers, and those of them that vectors can find already; null without an embedding model',
    }),
    pages: z.int().nullable(),
    bytes: z.int(),
    media_type: z.string(),
    language: z.string().nullable(),
    title: z.string().nullable(),
    metadata: z.record(z.string(), scalar),
    warnings: z.array(DocumentWarning),
    error: FailureResponse.nullable(),
    task_id: z.uuid().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({
    id: 'Document',
    description: 'The newest version; `ready_version` is the one that answers searches',
  });
const AcceptedDocument = z.object({
  id: z.uuid(),
  filename: z.string(),
  document_set: z.string(),
  version: z.int(),
  status: DocumentStatus,
  duplicate: z.boolean(),
  task_id: z.uuid(),
});
export const UploadResponse = z.object({
  status: z.literal('success'),
  task_id: z.uuid().meta({ description: 'The batch; ask /agent/status for it' }),
  document_set: z.string(),
  uploaded: z.array(z.string()),
  documents: z.array(AcceptedDocument),
  rejected: z.array(
    z.object({
      filename: z.string(),
      path: z.string().optional().meta({
        description: 'Its place in the archive that held it, the name of the archive included',
        example: 'handbook.zip/hr/setup.exe',
      }),
      code,
      detail: z.string(),
    }),
  ),
});
export type UploadResponse = z.infer<typeof UploadResponse>;
export const PutResponse = z.object({ document: AcceptedDocument, task_id: z.uuid() });
export const DocumentsResponse = z.object({
  documents: z.array(DocumentResponse),
  next_cursor: z.string().nullable(),
});
export const DocumentVersionsResponse = z
  .object({
    versions: z.array(
      z
        .object({
          version: z.int(),
          status: DocumentStatus,
          answers: z.boolean().meta({ description: 'Whether searches find this version' }),
          bytes: z.int(),
          media_type: z.string(),
          pipeline: Pipeline,
          pages: z.int().nullable(),
          chunk_count: z.int().nullable(),
          error: FailureResponse.nullable(),
          task_id: z.uuid().nullable(),
          parser_version: z.int().meta({
            description:
              'Version of the parsers that made its text; `POST /agent/documents/reparse` takes older ones',
          }),
          created_at: z.iso.datetime(),
          updated_at: z.iso.datetime(),
        })
        .meta({ id: 'DocumentVersion' }),
    ),
  })
  .meta({ id: 'DocumentVersions' });
export const ChunksResponse = z.object({
  chunks: z.array(
    z.object({
      id: z.uuid(),
      ordinal: z.int(),
      content: z.string(),
      page: z.int().nullable(),
      page_end: z.int().nullable(),
      heading: z.string().nullable(),
      source: TextSource.meta({ description: 'How the text was read from the file' }),
      boxes: z
        .array(PageBox)
        .meta({ description: 'Boxes of the text, one for each line: points, origin top left' }),
      cells: z.string().nullable().meta({ description: 'Cells of the spreadsheet', example: 'Sheet1!A2:D9' }),
    }),
  ),
  next_cursor: z.string().nullable(),
});
const Receipt = z.object({
  documents: z.int(),
  chunks: z.int(),
  embeddings: z.int(),
  blobs: z.int(),
  summaries: z.int(),
});
export const DeletionResponse = z.object({
  status: z.literal('success'),
  message: z.string(),
  deleted: Receipt,
});
export const DeleteDocumentsRequest = z
  .strictObject({ ids: z.array(z.uuid()).min(1).max(200) })
  .meta({ example: { ids: ['0190b3a0-0000-7000-8000-000000000000'] } });
export type DeleteDocumentsRequest = z.infer<typeof DeleteDocumentsRequest>;
export const DeleteDocumentsResponse = z
  .object({
    deleted: Receipt,
    missing: z.array(z.uuid()).meta({ description: 'Ids of documents that do not exist (any more)' }),
  })
  .meta({ id: 'DeletedDocuments' });
export const DocumentSetsResponse = z.object({
  document_sets: z.array(z.string()),
  sets: z.array(z.object({ name: z.string(), documents: z.int(), chunks: z.int(), bytes: z.int() })),
});
export const ReparseRequest = z
  .strictObject({
    document_set: orAbsent(DocumentSetName).meta({ description: 'Only this set; all sets without it' }),
    older_than_version: orDefault(z.int().min(1).max(parserVersion), parserVersion).meta({
      description:
        'Takes documents whose text was made by parsers older than this version; all but the newest without it',
    }),
  })
  .meta({ example: {} });
export type ReparseRequest = z.infer<typeof ReparseRequest>;
export const ReparseResponse = z
  .object({
    task_id: z
      .uuid()
      .nullable()
      .meta({ description: 'The batch of the tasks; null where nothing is to be done' }),
    documents: z.int().meta({ description: 'Documents that are read again now' }),
    remaining: z.int().meta({ description: 'Documents that a further request takes' }),
    parser_version: z.int().meta({ description: 'Version of the parsers of this service' }),
  })
  .meta({ id: 'ReparseAccepted' });
export const TaskAccepted = z.object({ task_id: z.uuid() });
