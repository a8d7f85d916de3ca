import type { ExecutionContext, Type } from '@nestjs/common';

type Handler = ReturnType<ExecutionContext['getHandler']>;

/**
 * Makes a function that reads something about the route of a request once for each route. Reflection at each
 * request costs more than the guards that need it.
 * @param read depends on the handler and its class alone
 */
export function oncePerRoute<T>(
  read: (handler: Handler, controller: Type) => T,
): (context: Pick<ExecutionContext, 'getHandler' | 'getClass'>) => T {
  const known = new Map<Type, Map<Handler, T>>();
  return (context) => {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    let handlers = known.get(controller);
    if (!handlers) known.set(controller, (handlers = new Map<Handler, T>()));
    let value = handlers.get(handler);
    if (value === undefined && !handlers.has(handler))
      handlers.set(handler, (value = read(handler, controller)));
    return value as T;
  };
}

/** Metadata of the handler, or of its class where the handler has none. */
export const routeMetadata = <T>(key: string) =>
  oncePerRoute((handler, controller) =>
    [handler, controller]
      .map((target) => Reflect.getMetadata(key, target) as T | undefined)
      .find((value) => value !== undefined),
  );
