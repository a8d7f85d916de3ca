import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Problem } from '../../common/errors.js';
import { OptionalLocalModels } from '../../platform/models/models.module.js';
import { Public } from '../auth/scopes.js';
import { ConsoleFiles, type ConsoleFile } from './console-files.js';
import { SignIn, type SignInSettings } from './sign-in.js';

/** The web console: static files without any data. It asks the API like every other client. */
@Public()
@ApiExcludeController()
@Controller()
export class ConsoleController {
  constructor(
    private readonly files: ConsoleFiles,
    private readonly signIn: SignIn,
    private readonly local: OptionalLocalModels,
  ) {}

  @Get()
  async index(
    @Headers('if-none-match') known: string | undefined,
    @Headers('accept-encoding') encodings: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const page = await this.files.read('index.html');
    if (!page) throw new Problem('not_found');
    // somebody is about to ask: the models load while the page does
    void this.local.models?.warm();
    const { origins } = await this.signIn.settings();
    void reply.headers({
      'cache-control': 'private, no-cache',
      'content-security-policy': contentSecurityPolicy(origins),
      'referrer-policy': 'no-referrer',
    });
    await send(page, known, encodings, reply);
  }

  /** How to sign in: the one thing that the page must know before it has a credential. */
  @Get('console/sign-in.json')
  async howToSignIn(): Promise<Omit<SignInSettings, 'origins'>> {
    const { origins: _, ...settings } = await this.signIn.settings();
    return settings;
  }

  @Get('console/samples')
  async samples(): Promise<{ samples: string[] }> {
    return { samples: await this.files.samples() };
  }

  @Get('console/samples/:name')
  async sample(@Param('name') name: string, @Res() reply: FastifyReply): Promise<void> {
    const sample = await this.files.readSample(name);
    if (!sample) throw new Problem('not_found');
    await send(sample, undefined, undefined, reply);
  }

  @Get('console/:file')
  file(
    @Param('file') name: string,
    @Headers('if-none-match') known: string | undefined,
    @Headers('accept-encoding') encodings: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.asset(name, known, encodings, reply);
  }

  @Get('console/assets/:file')
  hashedFile(
    @Param('file') name: string,
    @Headers('if-none-match') known: string | undefined,
    @Headers('accept-encoding') encodings: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    // the name holds a hash of the content, so that the content of a name never changes
    void reply.header('cache-control', 'public, max-age=31536000, immutable');
    return this.asset(`assets/${name}`, known, encodings, reply);
  }

  private async asset(
    name: string,
    known: string | undefined,
    encodings: string | undefined,
    reply: FastifyReply,
  ): Promise<void> {
    const file = await this.files.read(name);
    if (!file) {
      void reply.header('cache-control', 'no-store');
      throw new Problem('not_found');
    }
    await send(file, known, encodings, reply);
  }
}

/**
 * Scripts and styles come from here alone. Page pictures
 * are blobs, since an `<img>` cannot send a credential.
 */
const contentSecurityPolicy = (connect: string[]): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    "font-src 'self'",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

async function send(
  file: ConsoleFile,
  known: string | undefined,
  encodings: string | undefined,
  reply: FastifyReply,
): Promise<void> {
  void reply.headers({ etag: file.etag, vary: 'Accept-Encoding' });
  if (known === file.etag) {
    await reply.status(304).send();
    return;
  }
  void reply.header('content-type', file.type);
  if (file.gzipped && /\bgzip\b/.test(encodings ?? ''))
    await reply.header('content-encoding', 'gzip').send(file.gzipped);
  else await reply.send(file.content);
}
