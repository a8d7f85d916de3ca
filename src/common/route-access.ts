import { SetMetadata } from '@nestjs/common';

export const accessKey = 'docent:access';

/** How a route is guarded that is not guarded by principal and scope: open to all, or to this machine and the holder of the scrape token. */
export type RouteAccess = 'public' | 'metrics';
export const Access = (access: RouteAccess): MethodDecorator & ClassDecorator =>
  SetMetadata(accessKey, access);

/** Routes that tell whether the service is well: they are answered also when it has too many requests. */
export const isAlwaysAnswered = (url: string): boolean =>
  /^\/(?:health(?:\/live|\/ready)?|metrics)(?:\?|$)/.test(url);
