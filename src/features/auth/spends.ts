import { SetMetadata } from '@nestjs/common';

export const spendsKey = 'docent:spends';

/**
 * What a route draws on: `task` makes one more unfinished task, `tokens` calls a model, `answer` does so unless the body says `answer: false`, `upload`
 * embeds what it brings.
 */
export type Spending = 'task' | 'tokens' | 'answer' | 'upload';

/** Holds a route to the tenant's quotas; without it the route costs nothing that is counted. */
export const Spends = (...spendings: Spending[]): MethodDecorator => SetMetadata(spendsKey, spendings);
