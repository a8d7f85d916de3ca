import { Body, Controller, HttpCode, Param, Post, Put, Query, Req } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBody, ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { DocumentSetTarget, normalizeDocumentSet } from '../../common/document-set.js';
import { Throws } from '../../common/throws.js';
import { parseWith } from '../../common/validate.js';
import { Env } from '../../config/env.js';
import { Audit } from '../auth/audit.js';
import { Budget } from '../auth/budget.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import type { Principal } from '../../common/principal.js';
import { Spends } from '../auth/spends.js';
import { Scopes } from '../auth/scopes.js';
import { hashParameters, sameParameters } from '../idempotency/idempotency.js';
import { Archives, type PartDigest, type ReceivedPart } from './archives.js';
import { IngestRequest, PutQuery, PutResponse, UploadFields, UploadResponse } from './documents.dto.js';
import { DocumentsService, namedSet, type FileOrder } from './documents.service.js';
import { readMultipart } from './multipart.js';
import type { Rejection } from './rejections.js';
import { Uploads, type IncomingFile, type StoredFile } from './uploads.js';

const isStored = (result: StoredFile | Rejection): result is StoredFile => 'key' in result;

@ApiTags('documents')
@Controller('agent')
@Scopes('write')
@Budget('upload')
export class UploadsController {
  constructor(
    private readonly env: Env,
    private readonly documents: DocumentsService,
    private readonly uploads: Uploads,
    private readonly archives: Archives,
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
      properties: {
        files: { type: 'array', minItems: 1, items: { type: 'string', format: 'binary' } },
        document_set: { type: 'string', example: 'handbook' },
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
    const limits = { files: this.env.MAX_FILES_PER_UPLOAD, fileBytes: this.env.MAX_FILE_SIZE };
    const first = request.idempotency?.first;
    if (first) {
      const digests: PartDigest[] = [];
      const fields = await readMultipart(
        request,
        limits,
        async (file) => void digests.push(await this.archives.digest(file)),
      );
      return sameParameters(first, fingerprint(fields, digests));
    }
    const { fields, parts } = await this.receiveAll(request, principal, limits);
    const results = await this.archives.unpackAll(principal, parts);
    const order = {
      document_set: fields.document_set,
      pipeline: fields.pipeline,
      include_hidden: fields.include_hidden ?? false,
      metadata: fields.metadata ?? null,
    };
    return this.accept(
      principal,
      results.flatMap((result) => ('file' in result ? [{ file: result.file, order }] : [])),
      results.flatMap((result) => ('rejection' in result ? [result.rejection] : [])),
      order.document_set,
    );
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
    const stored: {
      file: StoredFile;
      order: FileOrder;
    }[] = [];
    const rejected: Rejection[] = [];
    const sets = body.files.map((file, index) =>
      file.document_set == null
        ? body.document_set
        : parseWith(DocumentSetTarget, file.document_set, `files.${index}.document_set`),
    );
    try {
      for (const [index, file] of body.files.entries()) {
        const bytes =
          file.content_base64 === undefined
            ? Buffer.from(file.content ?? '', 'utf8')
            : Buffer.from(file.content_base64, 'base64');
        const result = await this.documents.receive(principal, {
          filename: file.filename,
          body: Readable.from([bytes]),
        });
        if (isStored(result))
          stored.push({
            file: result,
            order: {
              document_set: sets[index] ?? body.document_set,
              pipeline: body.pipeline,
              include_hidden: file.include_hidden ?? body.include_hidden,
              metadata: file.metadata ?? null,
            },
          });
        else rejected.push(result);
      }
    } catch (error) {
      await this.documents.discard(
        principal,
        stored.map(({ file }) => file),
      );
      throw error;
    }
    return this.accept(principal, stored, rejected, body.document_set);
  }

  @Put('documents/:document_set/:filename')
  @Spends('upload')
  @HttpCode(202)
  @RouteConfig({ body: 'stream' })
  @ApiOperation({
    summary: 'Put a document under a key of your own',
    description: 'The raw bytes; a new version replaces the old one only when it is ready.',
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
    const order = {
      document_set: namedSet(normalizeDocumentSet(documentSet)),
      pipeline: query.pipeline,
      include_hidden: query.include_hidden ?? false,
      metadata: query.metadata ?? null,
    };
    const file: IncomingFile = {
      filename,
      body: (request.body as Readable | undefined) ?? Readable.from([]),
    };
    const first = request.idempotency?.first;
    if (first) return sameParameters(first, fingerprint(order, [await this.uploads.digest(file)]));
    const stored = await this.uploads.receive(principal.tenant, file);
    if (request.idempotency) request.idempotency.requestHash = fingerprint(order, [stored]);
    const answer = await this.accept(principal, [{ file: stored, order }], [], order.document_set);
    return { document: answer.documents[0], task_id: answer.documents[0]?.task_id };
  }

  /** Reads the whole form; what cannot be read takes back what was stored before it. */
  private async receiveAll(
    request: FastifyRequest,
    principal: Principal,
    limits: { files: number; fileBytes: number },
  ) {
    const parts: ReceivedPart[] = [];
    const digests: PartDigest[] = [];
    try {
      const raw = await readMultipart(request, limits, async (file) => {
        const { part, digest } = await this.archives.receive(principal, file);
        parts.push(part);
        digests.push(digest);
      });
      const fields = parseWith(UploadFields, raw);
      if (request.idempotency) request.idempotency.requestHash = fingerprint(raw, digests);
      return { fields, parts };
    } catch (error) {
      await this.archives.discard(principal.tenant, parts);
      throw error;
    }
  }

  private async accept(...upload: Parameters<DocumentsService['accept']>): Promise<UploadResponse> {
    const [principal] = upload;
    const answer = await this.documents.accept(...upload);
    const documents = answer.documents.map(({ id, filename, document_set, version, duplicate }) => ({
      id,
      filename,
      document_set,
      version,
      duplicate,
    }));
    await this.audit.record(principal, 'document.upload', answer.task_id, { documents });
    return answer;
  }
}

const fingerprint = (fields: unknown, files: PartDigest[]): string =>
  hashParameters([
    fields,
    files.map(({ filename, folder, sha256 }) => [filename, sha256, ...(folder === null ? [] : [folder])]),
  ]);
