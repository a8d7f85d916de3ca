import {
  type DynamicModule,
  type FactoryProvider,
  type InjectionToken,
  Module,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { DocentModuleOptions } from './docent-options.js';
import { Docent } from './docent.js';
import { assertMountable, mount } from './mount.js';

export interface DocentModuleAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  useFactory: (...parts: never[]) => DocentModuleOptions | Promise<DocentModuleOptions>;
  inject?: FactoryProvider['inject'];
}

const options: InjectionToken = Symbol('options of docent');

const docent: Provider = {
  provide: Docent,
  inject: [options, HttpAdapterHost],
  useFactory: async (given: DocentModuleOptions, { httpAdapter }: HttpAdapterHost): Promise<Docent> => {
    const { mountAt } = given;
    if (mountAt === undefined) return Docent.start(given);
    // first, so that nothing has to be stopped again
    assertMountable(httpAdapter, mountAt);
    const service = await Docent.start(given);
    mount(httpAdapter, mountAt, service.handle);
    return service;
  },
};

/**
 * docent inside a NestJS application: `Docent` can be injected everywhere. Its parts live in a container of
 * their own, so that none of its guards, pipes and filters concerns the application.
 */
@Module({})
export class DocentModule {
  static forRoot(given: DocentModuleOptions = {}): DynamicModule {
    return {
      module: DocentModule,
      global: true,
      providers: [{ provide: options, useValue: given }, docent],
      exports: [Docent],
    };
  }

  static forRootAsync({ imports, useFactory, inject = [] }: DocentModuleAsyncOptions): DynamicModule {
    return {
      module: DocentModule,
      global: true,
      imports,
      providers: [{ provide: options, useFactory, inject }, docent],
      exports: [Docent],
    };
  }
}
