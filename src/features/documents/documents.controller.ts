import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiAcceptedResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { findBoxes, findCells } from '../../common/chunk-place.js';
import { Problem } from '../../common/errors.js';
import { Throws } from '../../common/throws.js';
import type { ChunkRow } from '../../platform/database/functions.js';
import { Audit } from '../auth/audit.js';
import { Budget } from '../auth/budget.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import type { Principal } from '../../common/principal.js';
import { Scopes } from '../auth/scopes.js';
import {
  ChangeDocumentRequest,
  ChunksQuery,
  ChunksResponse,
  DeleteDocumentsRequest,
  DeleteDocumentsResponse,
  DeleteQuery,
  DeletionResponse,
  DocumentResponse,
  DocumentSetsResponse,
  DocumentsResponse,
  DocumentVersionsResponse,
  ListDocumentsQuery,
  ReparseRequest,
  ReparseResponse,
  TaskAccepted,
} from './documents.dto.js';
import { DocumentStore } from './document.store.js';
import { DocumentsService } from './documents.service.js';

function toChunk({ place, ...chunk }: ChunkRow) {
  const whole = { start: 0, end: chunk.content.length };
  return {
    ...chunk,
    source: place?.source ?? 'text',
    boxes: findBoxes(place, whole),
    cells: findCells(place, chunk.content, whole),
  };
}

@ApiTags('documents')
@Controller('agent')
export class DocumentsController {
  constructor(
    private readonly store: DocumentStore,
    private readonly documents: DocumentsService,
    private readonly audit: Audit,
  ) {}

  @Get('documents')
  @ApiOperation({ summary: 'List documents, newest first' })
  @ApiOkResponse({ standardSchema: DocumentsResponse })
  @Throws('validation_failed')
  async list(
    @Query({ schema: ListDocumentsQuery }) query: ListDocumentsQuery,
    @CurrentPrincipal() principal: Principal,
  ) {
    const { rows, next_cursor } = await this.store.list(principal, query);
    return { documents: rows, next_cursor };
  }

  @Post('documents/reparse')
  @HttpCode(202)
  @Scopes('admin')
  @Budget('upload')
  @ApiOperation({
    summary: 'Read documents again whose text was made by older parsers',
    description:
      'In the background and after all other uploads. Each document gets a new version of the same file; the former one answers until it is ready. At most 1,000 documents a request: repeat it while some remain. Documents that are being read are left alone.',
  })
  @ApiAcceptedResponse({ standardSchema: ReparseResponse })
  @Throws('validation_failed', 'forbidden')
  async reparse(
    @Body({ schema: ReparseRequest.default(ReparseRequest.parse({})) }) request: ReparseRequest,
    @CurrentPrincipal() principal: Principal,
  ) {
    const answer = await this.documents.reparse(principal, request);
    await this.audit.record(principal, 'document.reparse', request.document_set ?? null, { ...answer });
    return answer;
  }

  @Get('documents/:id')
  @ApiOperation({ summary: 'One document' })
  @ApiOkResponse({ standardSchema: DocumentResponse })
  @Throws('not_found')
  get(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    return this.store.get(principal, id);
  }

  @Patch('documents/:id')
  @Scopes('write')
  @Budget('upload')
  @ApiOperation({
    summary: 'Change the metadata of a document, or move it to another set',
    description: 'Given metadata takes the place of all earlier metadata. Nothing is read or embedded again.',
  })
  @ApiOkResponse({ standardSchema: DocumentResponse })
  @Throws('not_found', 'forbidden', 'conflict', 'validation_failed')
  async change(
    @Param('id') id: string,
    @Body({ schema: ChangeDocumentRequest }) request: ChangeDocumentRequest,
    @CurrentPrincipal() principal: Principal,
  ) {
    const document = await this.documents.change(principal, id, request);
    const { document_set, filename } = document;
    await this.audit.record(principal, 'document.update', `${document_set}/${filename}`, {
      document_id: id,
      changed: Object.keys(request),
    });
    return document;
  }

  @Get('documents/:id/versions')
  @ApiOperation({
    summary: 'The versions of a document, newest first',
    description:
      'The version that answers searches, and a newer one that is being read or has failed. Older ones are deleted.',
  })
  @ApiOkResponse({ standardSchema: DocumentVersionsResponse })
  @Throws('not_found')
  async versions(@Param('id') id: string, @CurrentPrincipal() principal: Principal) {
    return { versions: await this.store.versions(principal, id) };
  }

  @Get('documents/:id/chunks')
  @ApiOperation({ summary: 'The chunks of the version that answers searches, in order' })
  @ApiOkResponse({ standardSchema: ChunksResponse })
  @Throws('not_found', 'validation_failed')
  async chunks(
    @Param('id') id: string,
    @Query({ schema: ChunksQuery }) query: ChunksQuery,
    @CurrentPrincipal() principal: Principal,
  ) {
    const { rows, next_cursor } = await this.store.chunks(principal, id, query);
    return { chunks: rows.map(toChunk), next_cursor };
  }

  @Post('documents/delete')
  @HttpCode(200)
  @Scopes('write')
  @Budget('upload')
  @ApiOperation({
    summary: 'Delete up to 200 documents by id, in any status',
    description:
      'All of them in one transaction. The receipt counts the deleted rows; `missing` are ids that do not exist (any more).',
  })
  @ApiOkResponse({ standardSchema: DeleteDocumentsResponse })
  @Throws('validation_failed')
  async deleteMany(
    @Body({ schema: DeleteDocumentsRequest }) { ids }: DeleteDocumentsRequest,
    @CurrentPrincipal() principal: Principal,
  ) {
    const { deleted, receipt, missing } = await this.documents.deleteMany(principal, [...new Set(ids)]);
    if (deleted.length > 0)
      await this.audit.record(principal, 'document.delete', null, {
        documents: deleted.map(({ id, filename, document_set }) => ({ id, filename, document_set })),
        receipt,
      });
    return { deleted: receipt, missing };
  }

  /** No route deletes everything at once: a wildcard could empty a whole installation by mistake. */
  @Delete('documents')
  @Scopes('write')
  @ApiOperation({
    summary: 'Refused: no request deletes all documents',
    description:
      'Delete one by its id or file name, several by `POST /agent/documents/delete`, or a whole set by `DELETE /agent/documentsets/{name}`.',
  })
  @Throws('validation_failed')
  deleteNothing(): never {
    throw new Problem('validation_failed', 'Name the document: DELETE /agent/documents/{filename or id}.', {
      errors: [{ field: 'filename', message: 'is missing from the path' }],
    });
  }

  @Delete('documents/:id')
  @Scopes('write')
  @Budget('upload')
  @ApiOperation({
    summary: 'Delete a document by id or file name, in any status',
    description: 'The receipt counts the deleted rows.',
  })
  @ApiParam({ name: 'id', description: 'The id or the file name', schema: { type: 'string' } })
  @ApiOkResponse({ standardSchema: DeletionResponse })
  @Throws('not_found', 'ambiguous_document', 'validation_failed')
  async delete(
    @Param('id') key: string,
    @Query({ schema: DeleteQuery }) query: DeleteQuery,
    @CurrentPrincipal() principal: Principal,
  ) {
    const {
      id: document_id,
      filename,
      document_set,
      receipt,
    } = await this.documents.delete(principal, key, query.document_set);
    await this.audit.record(principal, 'document.delete', `${document_set}/${filename}`, {
      document_id,
      ...receipt,
    });
    return { status: 'success', message: `${filename} is deleted from ${document_set}`, deleted: receipt };
  }

  @Get('documentsets')
  @ApiOperation({ summary: 'Document sets with their sizes' })
  @ApiOkResponse({ standardSchema: DocumentSetsResponse })
  async sets(@CurrentPrincipal() principal: Principal) {
    const sets = await this.store.sets(principal);
    return { document_sets: sets.map(({ name }) => name), sets };
  }

  @Delete('documentsets/:name')
  @HttpCode(202)
  @Scopes('write')
  @Budget('upload')
  @ApiOperation({ summary: 'Delete a whole document set' })
  @ApiAcceptedResponse({ standardSchema: TaskAccepted })
  @Throws('not_found', 'validation_failed')
  async deleteSet(@Param('name') name: string, @CurrentPrincipal() principal: Principal) {
    const task_id = await this.documents.deleteSet(principal, name);
    await this.audit.record(principal, 'set.delete', name, { task_id });
    return { task_id };
  }
}
