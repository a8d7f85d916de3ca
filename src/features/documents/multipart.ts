import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../../common/errors.js';
import { fieldProblem } from '../../common/validate.js';
import { withOneFilename } from './content-disposition.js';
import type { IncomingFile } from './uploads.js';

const fieldNames = new Set(['document_set', 'pipeline', 'metadata', 'include_hidden']);
const fileField = 'files';
// boundary lines and part headers around the files themselves
const slack = 1024 * 1024;

/** A part's own fault or the parser's word for a broken body. Fastify's codes and our problems pass. */
function asProblem(error: unknown): unknown {
  if (error instanceof Problem) return error;
  if (error instanceof Error && 'code' in error) return error;
  return new Problem('malformed_multipart', undefined, { cause: error });
}

/**
 * Reads a multipart body part by part, in any order: files go
 * to `onFile` as they come, fields are returned at the end.
 * @throws malformed_multipart, payload_too_large, validation_failed; what `onFile` throws passes through
 */
export async function readMultipart(
  request: FastifyRequest,
  limits: { files: number; fileBytes: number },
  onFile: (file: IncomingFile) => Promise<void>,
): Promise<Record<string, string>> {
  if (!request.isMultipart())
    throw new Problem('unsupported_media_type', 'Send the files as multipart/form-data.');
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limits.files * limits.fileBytes + slack)
    throw new Problem(
      'payload_too_large',
      'The body is larger than all files together may be. Send fewer or smaller files.',
    );
  readRealFilenames(request.raw);
  const fields: Record<string, string> = {};
  let files = 0;
  try {
    for await (const part of request.parts()) {
      if (typeof part.fieldname !== 'string' || part.fieldname === '')
        throw new Problem('malformed_multipart', 'A part of the form has no name.');
      if (part.type === 'field') {
        addField(fields, part.fieldname, part.value, part.valueTruncated);
        continue;
      }
      if (part.fieldname !== fileField)
        throw fieldProblem(
          part.fieldname.slice(0, 100),
          `is not a field of this form: send files in \`${fileField}\``,
        );
      if (++files > limits.files)
        throw fieldProblem(
          fileField,
          `at most ${limits.files} files in one upload: send the others in another one`,
        );
      await onFile({ filename: part.filename ?? '', body: part.file, truncated: () => part.file.truncated });
      part.file.resume();
    }
  } catch (error) {
    throw asProblem(error);
  }
  return fields;
}

/** A parser of parts: it reads the headers of each from this event, one character for a byte. */
interface PartParser {
  _parser?: { parser?: EventEmitter };
}

/**
 * Gives the parser of `@fastify/multipart` headers with one file name. The parser takes the first of
 * `filename` and `filename*`, does not decode encoded words and reads all bytes as UTF-8. It has no option
 * for that, so its headers are rewritten before it reads them.
 */
function readRealFilenames(raw: IncomingMessage): void {
  const { pipe } = raw;
  raw.pipe = function <T extends NodeJS.WritableStream>(target: T, options?: { end?: boolean }): T {
    (target as T & PartParser)._parser?.parser?.prependListener('part', (part: EventEmitter) => {
      part.prependListener('header', (header: Record<string, string[]>) => {
        const [disposition, ...more] = header['content-disposition'] ?? [];
        if (disposition !== undefined)
          header['content-disposition'] = [withOneFilename(disposition), ...more];
      });
    });
    return pipe.call(raw, target, options) as T;
  };
}

function addField(fields: Record<string, string>, name: string, value: unknown, truncated: boolean): void {
  if (name === fileField) throw fieldProblem(fileField, 'is text here: send it as a file, with a file name');
  if (!fieldNames.has(name)) throw fieldProblem(name.slice(0, 100), 'is not a field of this form');
  if (Object.hasOwn(fields, name)) throw fieldProblem(name, 'is given twice');
  if (truncated) throw new Problem('payload_too_large', `The field ${name} is too large.`);
  fields[name] = typeof value === 'string' ? value : JSON.stringify(value);
}
