import { SetMetadata } from '@nestjs/common';

export type BudgetName = 'default' | 'upload' | 'search' | 'answers' | 'watch';
export const budgetKey = 'docent:budget';

/** Which rate limit a route draws on; `default` without it. */
export const Budget = (name: BudgetName): MethodDecorator & ClassDecorator => SetMetadata(budgetKey, name);
