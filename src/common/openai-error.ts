import type { Problem } from './errors.js';

/** An error in the format that clients of the OpenAI API parse. */
export interface OpenAiError {
  error: { message: string; type: string; param: string | null; code: string };
}

/** True for addresses of the OpenAI API. */
export const speaksOpenAi = (url: string): boolean => url.startsWith('/v1/');

const types: Record<number, string> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  409: 'conflict_error',
  429: 'rate_limit_error',
};

/** As in that API, the request id is in the header `X-Request-Id`. */
export function openAiError(problem: Problem): OpenAiError {
  const isClients = problem.status < 500;
  return {
    error: {
      message: problem.detail,
      type: types[problem.status] ?? (isClients ? 'invalid_request_error' : 'server_error'),
      param: problem.errors?.[0]?.field ?? null,
      code: problem.code === 'quota_exceeded' ? 'insufficient_quota' : problem.code,
    },
  };
}
