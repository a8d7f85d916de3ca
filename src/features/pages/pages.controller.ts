import { Readable } from 'node:stream';
import { Controller, Get, Param, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { goneSignal } from '../../common/client-disconnect.js';
import { isKnown } from '../../common/entity-tag.js';
import { Problem } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { Throws } from '../../common/throws.js';
import type { VersionRow } from '../../platform/database/functions.js';
import { CurrentPrincipal } from '../auth/current-principal.js';
import { resolveOwner } from '../auth/place-owner.js';
import { DocumentStore } from '../documents/document.store.js';
import { DocumentTexts } from './document-texts.js';
import { PagePictures } from './page-pictures.js';
import { PictureQuery, TextQuery, TextResponse } from './pages.dto.js';

/** Shows documents as docent has read them: the text as a whole, and pages as pictures with quotes marked. */
@ApiTags('documents')
@Controller('agent/documents')
export class PagesController {
  constructor(
    private readonly store: DocumentStore,
    private readonly texts: DocumentTexts,
    private readonly pictures: PagePictures,
  ) {}

  @Get(':id/text')
  @ApiOperation({
    summary: 'The parsed text of the version that answers searches',
    description: 'As Markdown, or with `format=json` as parts with their pages, headings and boxes.',
  })
  @ApiProduces('text/markdown', 'application/json')
  @ApiOkResponse({ standardSchema: TextResponse })
  @Throws('validation_failed', 'not_found', 'conflict', 'blob_not_found', 'storage_unavailable')
  async text(
    @Param('id') id: string,
    @Query({ schema: TextQuery }) { format }: TextQuery,
    @CurrentPrincipal() principal: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const version = await this.readyVersion(principal, id);
    void reply.headers({
      'cache-control': 'private, no-cache',
      'content-security-policy': "sandbox; default-src 'none'",
    });
    const pieces = format === 'json' ? await this.texts.json(version) : await this.texts.markdown(version);
    const type = format === 'json' ? 'application/json' : 'text/markdown';
    return new StreamableFile(Readable.from(pieces, { objectMode: false }), {
      type: `${type}; charset=utf-8`,
    });
  }

  @Get(':id/pages/:page.png')
  @ApiOperation({
    summary: 'A page as a picture',
    description:
      'Pages of PDF files and images are drawn as PNG, 17 inches a side at most. `citation` marks the quote of a citation on the page. Answers `If-None-Match`.',
  })
  @ApiParam({ name: 'page', schema: { type: 'integer', minimum: 1 } })
  @ApiProduces('image/png')
  @ApiOkResponse({ content: { 'image/png': { schema: { type: 'string', format: 'binary' } } } })
  @Throws(
    'validation_failed',
    'not_found',
    'page_not_found',
    'conflict',
    'rate_limited',
    'parse_timeout',
    'blob_not_found',
  )
  async picture(
    @Param('id') id: string,
    @Param('page') page: string,
    @Query({ schema: PictureQuery }) query: PictureQuery,
    @CurrentPrincipal() principal: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | undefined> {
    const version = await this.readyVersion(principal, id);
    const picture = await this.pictures.plan(version, parseNumber(page), query, principal);
    const etag = `"${picture.tag}"`;
    void reply.headers({ etag, 'cache-control': 'private, no-cache' });
    if (isKnown(request.headers['if-none-match'], etag)) {
      void reply.status(304);
      return undefined;
    }
    const png = await this.pictures.draw(picture, resolveOwner(principal), goneSignal(reply));
    return new StreamableFile(png, { type: 'image/png', length: png.byteLength });
  }

  /** @throws not_found, conflict */
  private async readyVersion(principal: Principal, id: string): Promise<VersionRow> {
    const document = await this.store.get(principal, id);
    if (document.ready_version === null)
      throw new Problem('conflict', 'The document is not ready. Wait until its task has ended.');
    return this.store.version(principal, document.id);
  }
}

/** @throws page_not_found */
function parseNumber(page: string): number {
  if (!/^[1-9]\d{0,6}$/.test(page)) throw new Problem('page_not_found', 'Pages are numbered from 1.');
  return Number(page);
}
