import { Injectable } from '@nestjs/common';
import { Problem } from '../../common/errors.js';
import { Env } from '../../config/env.js';
import { AddressGuard } from '../../platform/outbound/address-guard.js';
import { allowedFolder, FolderSource } from './drivers/folder.js';
import { S3Source } from './drivers/s3.js';
import { WebSource } from './drivers/web.js';
import type { Source } from './source.js';
import { FolderSettings, S3Settings, WebSettings, type CreateSourceRequest } from './sources.dto.js';

/** Every kind of source. A new one is a file in `drivers`, a schema in `sources.dto.ts` and a line here. */
@Injectable()
export class SourceDrivers {
  private readonly guard: AddressGuard;

  constructor(private readonly env: Env) {
    this.guard = new AddressGuard(env.SOURCE_ALLOW);
  }

  /** Refuses settings that no run could ever read. @throws forbidden, address_not_allowed */
  async check({ driver, settings }: CreateSourceRequest): Promise<void> {
    if (driver === 'folder') await allowedFolder(settings.path, this.env.SOURCE_FOLDERS);
    else if (driver === 'web') await this.guard.check(new URL(settings.url));
    else if (settings.endpoint !== undefined) await this.guard.check(new URL(settings.endpoint));
  }

  /** @param settings as a row keeps them */
  open(driver: string, settings: unknown): Source {
    if (driver === 'web') return new WebSource(WebSettings.parse(settings), this.guard);
    if (driver === 's3') return new S3Source(S3Settings.parse(settings), this.guard);
    if (driver === 'folder')
      return new FolderSource(FolderSettings.parse(settings).path, this.env.SOURCE_FOLDERS);
    throw new Problem('conflict', `There is no driver ${driver} for sources in this version.`);
  }
}
