import { SetMetadata } from '@nestjs/common';
import { Access } from '../../common/route-access.js';
import type { Scope } from '../../common/principal.js';

export const scopeKey = 'docent:scope';

/** The scope a route needs; a route without it needs `read`. */
export const Scopes = (scope: Scope): MethodDecorator & ClassDecorator => SetMetadata(scopeKey, scope);

/** A route without a principal: health, the console's shell. */
export const Public = (): MethodDecorator & ClassDecorator => Access('public');
