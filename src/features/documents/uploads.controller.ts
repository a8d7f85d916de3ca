import { Body, Controller, HttpCode, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { DocumentSetTarget } from '../../common/document-set.js';
import { Problem } from '../../common/errors.js';
import { cleanFilename } from '../../common/filename.js';
import { Throws } from '../../common/throws.js';
import { parseWith } from '../../common/validate.js';
import { Env } from '../../config/env.js';
import { Audit } from '../auth/audit.js';
import { Budget } from '../auth/budget.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import type { Principal } from '../../common/principal.js';
import { Spends } from '../auth/spends.js';
import { Scopes } from '../auth/scopes.js';
import { compareRepeated } from '../idempotency/idempotency.js';
import { IngestRequest, PutQuery, PutResponse, UploadFields, UploadResponse } from './documents.dto.js';
import type { FileDigest, FileOrder, IncomingFiles } from './incoming-files.js';
import { Intake } from './intake.js';
import { readMultipart } from './multipart.js';

/**
 * A name that has to be cleaned would be the key of several
 * addresses: one of them would replace the document of another.
 */
function refuseUncleanKey(filename: string): void {
  if (cleanFilename(filename) !== filename.normalize('NFC'))
    throw new Problem(
      'invalid_filename',
      'The file name in the address must not have folders, invisible characters or spaces at its ends.',
    );
}

/**
 * Routes that bring files. The two whose body is a stream return undefined for a repeated request: its first
 * answer is given again by the interceptor of idempotency.
 */
@ApiTags('documents')
@Controller('agent')
@Scopes('write')
@Budget('upload')
export class UploadsController {
  constructor(
    private readonly env: Env,
    private readonly intake: Intake,
    private readonly audit: Audit,
  ) {}

  @Post('upload')
  @Spends('upload')
  @HttpCode(202)
  @RouteConfig({ body: 'multipart' })
  @ApiOperation({
    summary: 'Upload files',
    description:
      'Streams every file to the blob store and answers at once; each file becomes a task. A zip archive is unpacked: every file in it becomes a document, with its folder as `metadata.path`, and the archive itself is not kept. Files of an archive that cannot be read are `rejected` with their path.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({
    schema: {
      type: 'object',
      required: ['files'],
      additionalProperties: false,
      properties: {
        files: { type: 'array', minItems: 1, items: { type: 'string', format: 'binary' } },
        document_set: { type: 'string', pattern: '[A-Za-z0-9]', example: 'handbook' },
        pipeline: { type: 'string', enum: ['standard', 'vlm'] },
        include_hidden: {
          type: 'boolean',
          default: false,
          description: 'Keeps text that a document hides from its reader, marked as hidden',
        },
        metadata: { type: 'string', description: 'A flat JSON object', example: '{"department":"hr"}' },
      },
    },
  })
  @ApiAcceptedResponse({ standardSchema: UploadResponse })
  @Throws(
    'malformed_multipart',
    'validation_failed',
    'payload_too_large',
    'unsupported_file_type',
    'content_mismatch',
    'empty_file',
    'invalid_filename',
    'encrypted_document',
    'corrupt_document',
    'archive_bomb',
    'too_large',
    'duplicate_filename',
    'idempotency_mismatch',
    'quota_exceeded',
    'storage_full',
  )
  async upload(@Req() request: FastifyRequest, @CurrentPrincipal() principal: Principal): Promise<unknown> {
    await using files = this.intake.open(principal, request);
    const limits = { files: this.env.MAX_FILES_PER_UPLOAD, fileBytes: this.env.MAX_FILE_SIZE };
    const form = await readMultipart(request, limits, (file) => files.addFileOrArchive(file));
    if (compareRepeated(request, [form, files.digests.map(toParameters)])) return undefined;
    return await this.accept(files, makeOrder(parseWith(UploadFields, form)));
  }

  @Post('ingest')
  @Spends('upload')
  @HttpCode(202)
  @RouteConfig({ limit: 'ingest' })
  @ApiOperation({
    summary: 'Ingest texts or small files as JSON',
    description: "A file's own `document_set` wins.",
  })
  @ApiAcceptedResponse({ standardSchema: UploadResponse })
  @Throws(
    'invalid_json',
    'validation_failed',
    'payload_too_large',
    'unsupported_file_type',
    'content_mismatch',
    'empty_file',
    'invalid_filename',
    'quota_exceeded',
    'storage_full',
  )
  async ingest(
    @Body({ schema: IngestRequest }) body: IngestRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<UploadResponse> {
    const sets = body.files.map((file, index) =>
      file.document_set == null
        ? body.document_set
        : parseWith(DocumentSetTarget, file.document_set, `files.${index}.document_set`),
    );
    await using files = this.intake.open(principal);
    await files.expect(body.files.length);
    for (const [index, file] of body.files.entries())
      await files.add(
        { filename: file.filename, body: Readable.from([decodeBytes(file)]) },
        makeOrder({ ...body, ...file, document_set: sets[index] ?? body.document_set }),
      );
    return await this.accept(files, makeOrder(body));
  }

  @Put('documents/:document_set/:filename')
  @Spends('upload')
  @HttpCode(202)
  @RouteConfig({ body: 'stream' })
  @ApiOperation({
    summary: 'Put a document under a key of your own',
    description:
      'The raw bytes; a new version replaces the old one only when it is ready. `all` as the set means `default`, as on every upload.',
  })
  @ApiConsumes('application/octet-stream', '*/*')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiAcceptedResponse({ standardSchema: PutResponse })
  @Throws(
    'validation_failed',
    'payload_too_large',
    'unsupported_file_type',
    'content_mismatch',
    'empty_file',
    'invalid_filename',
    'idempotency_mismatch',
    'storage_full',
  )
  async put(
    @Param('document_set') documentSet: string,
    @Param('filename') filename: string,
    @Query({ schema: PutQuery }) query: PutQuery,
    @Req() request: FastifyRequest,
    @CurrentPrincipal() principal: Principal,
  ): Promise<unknown> {
    refuseUncleanKey(filename);
    const order = makeOrder({
      ...query,
      document_set: parseWith(DocumentSetTarget, documentSet, 'document_set'),
    });
    await using files = this.intake.open(principal, request);
    await files.add({ filename, body: (request.body as Readable | undefined) ?? Readable.from([]) });
    if (compareRepeated(request, [order, files.digests.map(toParameters)])) return undefined;
    const { documents } = await this.accept(files, order);
    return { document: documents[0], task_id: documents[0]?.task_id };
  }

  private async accept(files: IncomingFiles, order: FileOrder): Promise<UploadResponse> {
    const answer = await this.intake.accept(files, order);
    const documents = answer.documents.map(({ id, filename, document_set, version, duplicate }) => ({
      id,
      filename,
      document_set,
      version,
      duplicate,
    }));
    await this.audit.record(files.principal, 'document.upload', answer.task_id, { documents });
    return answer;
  }
}

type OrderFields = Pick<UploadFields, 'document_set' | 'pipeline' | 'include_hidden' | 'metadata'>;
const makeOrder = ({ document_set, pipeline, include_hidden, metadata }: OrderFields): FileOrder => ({
  document_set,
  pipeline,
  include_hidden: include_hidden ?? false,
  metadata: metadata ?? null,
});

const decodeBytes = ({ content, content_base64 }: IngestRequest['files'][number]): Buffer =>
  content_base64 === undefined ? Buffer.from(content ?? '', 'utf8') : Buffer.from(content_base64, 'base64');

/** The values that identify a file in a repeated request. */
const toParameters = ({ filename, folder, sha256 }: FileDigest) => [
  filename,
  sha256,
  ...(folder === null ? [] : [folder]),
];
