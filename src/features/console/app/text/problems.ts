import type { ErrorCode } from '../../../../common/errors.js';
import type { WarningCode, WarningParams } from '../../../../common/warnings.js';

/** Errors of the API, and the one of a page that does not reach it. */
export type ProblemCode = ErrorCode | 'unreachable';
export type WarningTexts = Record<WarningCode, (params: WarningParams) => string>;

/**
 * Texts of errors and warnings, by code. English
 * says what the service says where a code is missing.
 */
export interface ProblemTexts {
  errors: Partial<Record<ProblemCode, string>>;
  warnings: Partial<WarningTexts>;
}

/** Errors of files that only another file mends: reading the stored one again, even by a later version, fails. */
export const needsOtherFile: ReadonlySet<string> = new Set<ProblemCode>([
  'encrypted_document',
  'empty_file',
  'unsupported_file_type',
  'content_mismatch',
]);

/** Errors that lie in a file itself: the same bytes under the same name cannot pass. */
export const faultsOfFiles: ReadonlySet<string> = new Set<ProblemCode>([
  'invalid_filename',
  'duplicate_filename',
  'payload_too_large',
  'unsupported_file_type',
  'content_mismatch',
  'empty_file',
  'encrypted_document',
  'corrupt_document',
  'archive_bomb',
  'too_large',
  'no_text_content',
]);
