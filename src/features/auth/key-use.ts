import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { AuthService } from './auth.service.js';

const everyMs = 10_000;

/** Writes down when keys were last used, together and behind the requests. */
@Injectable()
export class KeyUse implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(KeyUse.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly auth: AuthService,
    private readonly database: Database,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => void this.write(), everyMs).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.write();
  }

  private async write(): Promise<void> {
    const ids = this.auth.takeUsedKeys();
    if (ids.length === 0) return;
    await this.database
      .call('touch_api_keys', { ids })
      .catch((error: unknown) => this.logger.debug({ msg: 'the use of keys was not written', err: error }));
  }
}
