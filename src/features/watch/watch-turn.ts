import { Injectable } from '@nestjs/common';
import { uuidv7 } from '../../common/ids.js';
import { Database } from '../../platform/database/database.js';

const name = 'watched-folder';
const turnSeconds = 120;

/**
 * Several processes may watch the same folder; one at a time has the
 * turn. A process that dies in its turn loses it after two minutes.
 */
@Injectable()
export class WatchTurn {
  private readonly holder = uuidv7();

  constructor(private readonly database: Database) {}

  /** @returns false while another process has the turn */
  async take(): Promise<boolean> {
    const { taken } = await this.database.call('take_lease', {
      name,
      holder: this.holder,
      ttl_seconds: turnSeconds,
    });
    return taken;
  }

  async end(): Promise<void> {
    await this.database.call('release_lease', { name, holder: this.holder });
  }
}
