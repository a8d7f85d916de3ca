import { statfs } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { Problem } from '../../common/errors.js';
import { availableMemory } from '../../common/memory.js';
import { Env } from '../../config/env.js';
import { PartHealth } from './part-health.js';

const megabyte = 1024 * 1024;
const minDiskMb = 500;

@Injectable()
export class DiskHealth extends PartHealth {
  override readonly name = 'disk';

  constructor(
    private readonly env: Env,
    indicators: HealthIndicatorService,
  ) {
    super(indicators);
  }

  protected override async probe(): Promise<void> {
    const { bavail, bsize } = await statfs(this.env.DATA_DIR).catch(() => statfs('.'));
    const free = Math.round((bavail * bsize) / megabyte);
    if (free < minDiskMb) throw new Problem('storage_full', `${free} MB of disk are free.`);
  }
}

@Injectable()
export class MemoryHealth extends PartHealth {
  override readonly name = 'memory';

  constructor(
    private readonly env: Env,
    indicators: HealthIndicatorService,
  ) {
    super(indicators);
  }

  protected override facts() {
    return { available_mb: Math.round(availableMemory() / megabyte) };
  }

  protected override async probe(): Promise<void> {
    const { available_mb } = this.facts();
    const { MEMORY_FLOOR_MB } = this.env;
    if (available_mb < MEMORY_FLOOR_MB)
      throw new Problem(
        'not_ready',
        `${available_mb} MB of memory are available; the floor is ${MEMORY_FLOOR_MB} MB.`,
      );
  }
}
