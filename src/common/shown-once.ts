import { SetMetadata } from '@nestjs/common';

export const shownOnceKey = 'docent:shown-once';

/** Fields of an answer that are shown once and never stored: a repeated request gets null there. */
export const ShownOnce = (...fields: string[]): MethodDecorator => SetMetadata(shownOnceKey, fields);
