import type { ProblemTexts } from './problems.js';

/**
 * The service's own sentences are English: only those are
 * here that a person at this page needs in other words.
 */
export const englishProblems: ProblemTexts = {
  errors: {
    needs_ocr:
      'No text could be read in this scan. A sharper scan, text recognition in its language or a vision model may help.',
    no_text_content: 'There is no text in this file. Check that it is the right one.',
    encrypted_document: 'The file is protected by a password. Upload a copy without one.',
    corrupt_document:
      'The file is damaged and cannot be opened. Save a copy in its own program, and upload the copy.',
    unsupported_file_type:
      'Files of this type cannot be read. Save the content as PDF, Office file or text, and upload that.',
    content_mismatch:
      'The content is of another type than the file name says. Rename the file, or upload the right one.',
    duplicate_filename:
      'Another file of the same upload has this name. Rename one of them, or upload it into another set.',
    empty_file: 'The file is empty. Check that it was saved completely.',
    archive_bomb: 'The file unpacks to far more than it should. Upload its parts by themselves.',
    vision_unavailable: 'Images can be read only where a vision model or text recognition is configured.',
    parse_timeout: 'Reading the file took too long.',
    parser_crashed: 'The file could not be read. It may be damaged.',
    cancelled: 'Cancelled.',
    superseded: 'A newer version took its place.',
    unreachable: 'The service cannot be reached.',
    forbidden: 'Your sign-in does not allow this.',
    not_found: 'This does not exist (any more).',
    internal: 'Something went wrong on the server.',
  },
  warnings: {
    letters_lost: () => 'Letters of formulas on these pages could not be read.',
    pages_garbled: () => 'The letters of these pages could not be read.',
    pages_need_ocr: () => 'These pages are scans without text, and were not read.',
    pages_read_by_ocr: ({ confidence }) =>
      `Read by text recognition, which is ${confidence} % sure of it: single characters may be wrong.`,
  },
};
