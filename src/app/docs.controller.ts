import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Problem } from '../common/errors.js';
import { OpenApiHolder } from './openapi.js';

const assets: Record<string, string> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
};
const start = `window.addEventListener('load', () => SwaggerUIBundle({ url: '/docs-json', dom_id: '#docs', deepLinking: true }));\n`;
const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>docent API</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="docs"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>
</html>
`;
// the viewer sets styles of its own; scripts come from here alone
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

/** The OpenAPI document and a page that shows it. */
@ApiExcludeController()
@Controller()
export class DocsController {
  constructor(private readonly openApi: OpenApiHolder) {}

  @Get('docs-json')
  document() {
    return this.openApi.get();
  }

  @Get('docs')
  async page(@Res() reply: FastifyReply): Promise<void> {
    await reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': contentSecurityPolicy,
      })
      .send(page);
  }

  @Get('docs/:asset')
  async asset(@Param('asset') asset: string, @Res() reply: FastifyReply): Promise<void> {
    if (asset === 'start.js') {
      await reply.header('content-type', 'text/javascript').send(start);
      return;
    }
    const type = Object.hasOwn(assets, asset) ? assets[asset] : undefined;
    if (!type) throw new Problem('not_found');
    const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
    await reply
      .headers({ 'content-type': type, 'cache-control': 'private, max-age=3600' })
      .send(createReadStream(join(folder, asset)));
  }
}
