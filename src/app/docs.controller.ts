import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Problem } from '../common/errors.js';
import { Public } from '../features/auth/scopes.js';
import { docsPage, docsScript, docsStyle } from './docs-page.js';
import { OpenApiHolder } from './openapi.js';

const files: Record<string, string> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
};
const texts: Record<string, { type: string; text: string }> = {
  'start.js': { type: 'text/javascript; charset=utf-8', text: docsScript },
  'page.css': { type: 'text/css; charset=utf-8', text: docsStyle },
};
// the viewer sets its own styles; scripts come only from this service
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/**
 * The OpenAPI document, and a page that shows it. The page is
 * open to everybody: a browser sends no credential with a link.
 */
@ApiExcludeController()
@Controller()
export class DocsController {
  constructor(private readonly openApi: OpenApiHolder) {}

  @Get('docs-json')
  document() {
    return this.openApi.get();
  }

  @Public()
  @Get('docs')
  async page(@Res() reply: FastifyReply): Promise<void> {
    await reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': contentSecurityPolicy,
      })
      .send(docsPage);
  }

  @Public()
  @Get('docs/:asset')
  async asset(@Param('asset') asset: string, @Res() reply: FastifyReply): Promise<void> {
    const own = Object.hasOwn(texts, asset) ? texts[asset] : undefined;
    if (own) {
      await reply.header('content-type', own.type).send(own.text);
      return;
    }
    const type = Object.hasOwn(files, asset) ? files[asset] : undefined;
    if (!type) throw new Problem('not_found');
    const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
    await reply
      .headers({ 'content-type': type, 'cache-control': 'private, max-age=3600' })
      .send(createReadStream(join(folder, asset)));
  }
}
