import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Env } from '../../config/env.js';
import { ParserPool } from '../parsing/sandbox/pool.js';

/** A page that takes longer keeps all others waiting. */
const maxSeconds = 30;

/** Its own child draws pages, so that readers do not wait behind documents that are being ingested. */
@Injectable()
export class PicturePool extends ParserPool implements OnApplicationShutdown {
  constructor(env: Env) {
    super({
      size: 1,
      memoryMb: env.PARSER_MEMORY_MB,
      timeoutMs: Math.min(maxSeconds, env.PARSER_TIMEOUT_SECONDS) * 1000,
      idleMs: 30_000,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }
}
