// What the package offers to other NestJS applications; the service itself is started by its command.
export { DocentModule, type DocentModuleAsyncOptions } from './app/embedded/docent.module.js';
export type { DocentModuleOptions } from './app/embedded/docent-options.js';
export {
  Docent,
  type AskOptions,
  type Ingested,
  type IngestFile,
  type IngestOptions,
  type Scope,
  type SearchOptions,
  type TaskResponse,
} from './app/embedded/docent.js';
export { Problem } from './common/errors.js';
export { ConfigurationError } from './config/env.js';
export type { SearchResponse } from './features/answers/answers.dto.js';
export type { HostClient, HostPool, Transaction } from './platform/database/host-pool.js';
