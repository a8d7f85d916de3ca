import { RequestMethod, type Type, UseInterceptors } from '@nestjs/common';
import { METHOD_METADATA, MODULE_METADATA } from '@nestjs/common/constants.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';

const repeatable: ReadonlySet<unknown> = new Set([RequestMethod.POST, RequestMethod.PUT]);

/**
 * Has repeated POST and PUT requests to all routes of these modules answered with their first answer. Other
 * routes stay without an interceptor: the first one costs a request more than the guards do.
 */
export function answerRepeated<M extends Type>(modules: readonly M[]): M[] {
  for (const module of modules)
    for (const controller of controllersOf(module)) bindRoutes(controller.prototype as object);
  return [...modules];
}

const controllersOf = (module: Type): Type[] =>
  (Reflect.getMetadata(MODULE_METADATA.CONTROLLERS, module) as Type[] | undefined) ?? [];

function bindRoutes(prototype: object): void {
  for (const [name, route] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    const handler: unknown = route.value;
    if (typeof handler !== 'function' || !repeatable.has(Reflect.getMetadata(METHOD_METADATA, handler)))
      continue;
    UseInterceptors(IdempotencyInterceptor)(prototype, name, route);
  }
}
