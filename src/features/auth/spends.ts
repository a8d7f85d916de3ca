import { SetMetadata } from '@nestjs/common';

export const spendsKey = 'docent:spends';

/**
 * The quotas that a route uses: `task` makes one more unfinished task, `tokens` calls a model, `answer` does
 * so unless the body says `answer: false`, `upload` embeds its files, `embedding` embeds texts of the body.
 */
export type Spending = 'task' | 'tokens' | 'answer' | 'upload' | 'embedding';

/** Checks a route against the tenant's quotas. Routes without it use no quota. */
export const Spends = (...spendings: Spending[]): MethodDecorator => SetMetadata(spendsKey, spendings);
