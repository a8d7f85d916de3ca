import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';
import { errorCatalogue, type ErrorCode } from './errors.js';

/** Documents the errors that a method may answer with, grouped by status. */
export const Throws = (...codes: ErrorCode[]): MethodDecorator =>
  describeErrors(codes, 'application/problem+json', 'Problem');

/** The same for a method that answers clients of the OpenAI API. */
export const ThrowsOpenAi = (...codes: ErrorCode[]): MethodDecorator =>
  describeErrors(codes, 'application/json', 'OpenAiError');

function describeErrors(codes: ErrorCode[], mediaType: string, schema: string): MethodDecorator {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = errorCatalogue[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return applyDecorators(
    ...[...byStatus].map(([status, list]) =>
      ApiResponse({
        status,
        description: list.map((code) => `\`${code}\`: ${errorCatalogue[code].title}`).join('; '),
        content: { [mediaType]: { schema: { $ref: `#/components/schemas/${schema}` } } },
      }),
    ),
  );
}
