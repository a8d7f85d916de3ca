import { Readable } from 'node:stream';
import { applyDecorators, Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DocumentSetFilter } from '../../common/document-set.js';
import { isExpected, isKnown } from '../../common/entity-tag.js';
import { Problem } from '../../common/errors.js';
import { Throws } from '../../common/throws.js';
import { parseWith } from '../../common/validate.js';
import { asBlobKey, BlobStore, type ByteRange } from '../../platform/blob/blob-store.js';
import type { VersionRow } from '../../platform/database/functions.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import type { Principal } from '../../common/principal.js';
import { DocumentStore } from './document.store.js';

const text = (description: string) => ({ description, schema: { type: 'string' } }) as const;
const validators = {
  ETag: text('Names these bytes'),
  'Last-Modified': text('When the version came'),
};
const file = { '*/*': { schema: { type: 'string', format: 'binary' } } } as const;

/** Documents the headers and answers of a download. */
const Downloads = (): MethodDecorator =>
  applyDecorators(
    ApiHeader({ name: 'Range', required: false, description: 'One range of bytes, e.g. `bytes=0-1023`' }),
    ApiHeader({
      name: 'If-None-Match',
      required: false,
      description: 'An `ETag` that is known: 304 without a body',
    }),
    ApiHeader({
      name: 'If-Match',
      required: false,
      description: 'The `ETag` that the file must still have: 412 if it is another',
    }),
    ApiHeader({
      name: 'If-Range',
      required: false,
      description: 'The `ETag` that `Range` is about; the whole file if it is another',
    }),
    ApiResponse({
      status: 200,
      description: 'The whole file, in its own media type',
      content: file,
      headers: {
        ...validators,
        'Accept-Ranges': text('`bytes`'),
        'Content-Disposition': text('The file name, as an attachment'),
      },
    }),
    ApiResponse({
      status: 206,
      description: 'The range',
      content: file,
      headers: { ...validators, 'Content-Range': text('Which bytes of how many') },
    }),
    ApiResponse({ status: 304, description: 'The known bytes are still current', headers: validators }),
  );

/** Hands the originals out again: as attachments, never to be shown by a browser on this server's name. */
@ApiTags('files')
@Controller('agent')
export class FilesController {
  constructor(
    private readonly store: DocumentStore,
    private readonly blobs: BlobStore,
  ) {}

  @Get('files/:document_set/:filename')
  @ApiOperation({
    summary: 'The original bytes, by set and file name',
    description: 'Answers `Range` and `If-None-Match`. `all` as the set means any set.',
  })
  @Downloads()
  @Throws(
    'not_found',
    'ambiguous_document',
    'precondition_failed',
    'range_not_satisfiable',
    'validation_failed',
  )
  async byName(
    @Param('document_set') documentSet: string,
    @Param('filename') filename: string,
    @CurrentPrincipal() principal: Principal,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { id } = await this.store.resolve(
      principal,
      filename,
      parseWith(DocumentSetFilter, documentSet, 'document_set'),
    );
    await this.send(await this.store.version(principal, id), request, reply);
  }

  @Get('files/:filename')
  @ApiOperation({
    summary: 'The original bytes, by file name alone',
    description: 'For clients that do not know the set: a name that exists in several sets is refused.',
  })
  @Downloads()
  @Throws('not_found', 'ambiguous_document', 'precondition_failed', 'range_not_satisfiable')
  async byNameAlone(
    @Param('filename') filename: string,
    @CurrentPrincipal() principal: Principal,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { id } = await this.store.resolve(principal, filename, null);
    await this.send(await this.store.version(principal, id), request, reply);
  }

  @Get('documents/:id/file')
  @ApiOperation({ summary: 'The original bytes, by id' })
  @Downloads()
  @Throws('not_found', 'precondition_failed', 'range_not_satisfiable')
  async byId(
    @Param('id') id: string,
    @CurrentPrincipal() principal: Principal,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const document = await this.store.get(principal, id);
    await this.send(await this.store.version(principal, document.id), request, reply);
  }

  private async send(version: VersionRow, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const etag = `"${version.content_hash}"`;
    if (!isExpected(request.headers['if-match'], etag)) {
      throw new Problem(
        'precondition_failed',
        'The file has changed since then. Request the whole file again.',
      );
    }
    const known = isKnown(request.headers['if-none-match'], etag);
    const ifRange = request.headers['if-range'];
    const wantsRange = !known && (ifRange === undefined || ifRange === etag);
    const range = wantsRange ? parseRange(request.headers.range, version.bytes) : null;
    void reply.headers({
      etag,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      'content-disposition': attachment(version.filename),
      'content-security-policy': "sandbox; default-src 'none'",
      'last-modified': new Date(version.created_at).toUTCString(),
    });
    if (known) {
      await reply.status(304).send();
      return;
    }
    const length = range ? range.end - range.start + 1 : version.bytes;
    void reply
      .status(range ? 206 : 200)
      .headers({ 'content-type': version.media_type, 'content-length': String(length) });
    if (range) void reply.header('content-range', `bytes ${range.start}-${range.end}/${version.bytes}`);
    // an empty stream: without any body Fastify would call the length 0
    if (request.method === 'HEAD') await reply.send(Readable.from([]));
    else await reply.send(await this.blobs.get(asBlobKey(version.blob_key), range ?? undefined));
  }
}

/** Parses one range; several ranges, or another unit, get the whole file. @throws range_not_satisfiable */
function parseRange(header: string | undefined, bytes: number): ByteRange | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  if (first !== '' && last !== '' && Number(last) < start) return null;
  if (start >= bytes || (first === '' && Number(last) === 0)) {
    throw new Problem('range_not_satisfiable', undefined, {
      headers: { 'content-range': `bytes */${bytes}` },
    });
  }
  return { start, end };
}

/** RFC 6266: an ASCII name for old clients and the true one percent-encoded. */
function attachment(filename: string): string {
  const ascii = filename.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(filename).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
