import { type DynamicModule, Module } from '@nestjs/common';
import type { Env } from '../../config/env.js';
import { OptionalLocalModels } from '../models/models.module.js';
import { LocalReader } from './local.js';
import { NoReader } from './none.js';
import { Reader } from './reader.js';

@Module({})
export class ReaderModule {
  /** Needs OptionalLocalModels from the global platform module. */
  static register(env: Env): DynamicModule {
    const useFactory = ({ models }: OptionalLocalModels) =>
      env.READER_DRIVER === 'local' && env.MODE !== 'worker' && models
        ? new LocalReader(models, env.MATCHER_DRIVER === 'local' ? env.MATCHER_LANGUAGES : [])
        : new NoReader();
    return {
      module: ReaderModule,
      providers: [{ provide: Reader, useFactory, inject: [OptionalLocalModels] }],
      exports: [Reader],
    };
  }
}
