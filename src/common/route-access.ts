import { SetMetadata } from '@nestjs/common';

export const accessKey = 'docent:access';

/** How a route is guarded that is not guarded by principal and scope: open to all, or to this machine and the holder of the scrape token. */
export type RouteAccess = 'public' | 'metrics';
export const Access = (access: RouteAccess): MethodDecorator & ClassDecorator =>
  SetMetadata(accessKey, access);
