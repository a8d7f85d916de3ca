import { SetMetadata } from '@nestjs/common';

export const accessKey = 'docent:access';

/**
 * Access to a route without a principal and scope: for everybody, or for this machine and the holder of the
 * scrape token.
 */
export type RouteAccess = 'public' | 'metrics';
export const Access = (access: RouteAccess): MethodDecorator & ClassDecorator =>
  SetMetadata(accessKey, access);

/** Routes about the health of the service: they are also answered when it has too many requests. */
export const isAlwaysAnswered = (url: string): boolean =>
  /^\/(?:health(?:\/live|\/ready)?|metrics)(?:\?|$)/.test(url);
