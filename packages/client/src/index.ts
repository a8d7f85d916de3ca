export { Docent, type DocentOptions } from './docent.js';
export { DocentError } from './errors.js';
export type { UploadFile, UploadOptions, UploadProgress } from './upload.js';
export type { EventsOptions } from './events.js';
export type { Call, CallOptions, Token } from './transport.js';
export type { WaitOptions } from './wait.js';
export type {
  AnswerEvent,
  AskOptions,
  Citation,
  Deletion,
  Document,
  DocumentsQuery,
  DocumentStatus,
  DocumentWarning,
  Failure,
  IngestFile,
  IngestOptions,
  Metadata,
  Notification,
  SearchOptions,
  SearchResponse,
  SearchResult,
  Task,
  TaskStatus,
  Turn,
  Uploaded,
} from './types.js';
