import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Problem } from '../../common/errors.js';
import { Public } from '../auth/scopes.js';

const types: Record<string, string> = {
  'index.html': 'text/html; charset=utf-8',
  'console.css': 'text/css; charset=utf-8',
  'console.js': 'text/javascript; charset=utf-8',
  'api.js': 'text/javascript; charset=utf-8',
  'dom.js': 'text/javascript; charset=utf-8',
  'stats.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
};
// scripts, styles and answers come from here alone; nothing of a document is ever markup
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The web console: a shell without any data, which asks the API like every other client. */
@Public()
@ApiExcludeController()
@Controller()
export class ConsoleController {
  private readonly files = new Map<string, Promise<{ content: Buffer; etag: string }>>();

  @Get()
  index(@Headers('if-none-match') known: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    return this.send('index.html', known, reply);
  }

  @Get('console/:file')
  file(
    @Param('file') name: string,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (!Object.hasOwn(types, name)) throw new Problem('not_found');
    return this.send(name, known, reply);
  }

  private async send(name: string, known: string | undefined, reply: FastifyReply): Promise<void> {
    const { content, etag } = await this.read(name);
    void reply.headers({
      etag,
      'cache-control': 'private, no-cache',
      'content-security-policy': contentSecurityPolicy,
      'referrer-policy': 'no-referrer',
    });
    if (known === etag) await reply.status(304).send();
    else await reply.header('content-type', types[name]).send(content);
  }

  private read(name: string): Promise<{ content: Buffer; etag: string }> {
    const file = this.files.get(name) ?? readAsset(name);
    this.files.set(name, file);
    return file;
  }
}

async function readAsset(name: string): Promise<{ content: Buffer; etag: string }> {
  const content = await readFile(new URL(`./public/${name}`, import.meta.url));
  return { content, etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"` };
}
