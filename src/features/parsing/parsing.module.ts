import { resolve } from 'node:path';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Env } from '../../config/env.js';
import { ParserPool } from './sandbox/pool.js';

@Module({
  providers: [
    {
      provide: ParserPool,
      inject: [Env],
      useFactory: (env: Env) =>
        new ParserPool({
          size: env.PARSER_PROCESSES,
          memoryMb: env.PARSER_MEMORY_MB,
          timeoutMs: env.PARSER_TIMEOUT_SECONDS * 1000,
          readable: env.OCR_DATA_DIR === undefined ? [] : [resolve(env.OCR_DATA_DIR)],
        }),
    },
  ],
  exports: [ParserPool],
})
export class ParsingModule implements OnApplicationShutdown {
  constructor(@Inject(ParserPool) private readonly pool: ParserPool) {}

  /** After the tasks have ended or given their leases back. */
  async onApplicationShutdown(): Promise<void> {
    await this.pool.close();
  }
}
