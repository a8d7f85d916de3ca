import { Problem } from '../../../common/errors.js';
import type { Parser } from '../parser.js';

/** An image has no text of its own: only the vision pipeline reads it. */
export const parse: Parser = () =>
  Promise.reject(new Problem('needs_ocr', 'An image needs the vision pipeline.'));
