export type * from './rows/documents.js';
export type * from './rows/tasks.js';
export type * from './rows/claims.js';
export type * from './rows/search.js';
export type * from './rows/operations.js';
