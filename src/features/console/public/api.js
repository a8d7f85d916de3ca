// The API of the service as this page needs it. The token lives as long as the tab.
const key = 'docent-token';

export const token = {
  get: () => sessionStorage.getItem(key) ?? '',
  set: (value) => sessionStorage.setItem(key, value),
};

export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail ?? `The service answered ${status}`);
    this.status = status;
    this.code = problem.code;
  }
}

/** @throws ApiError for an answer that is no success */
export async function request(method, path, { json, body, headers, signal } = {}) {
  const init = {
    method,
    signal,
    body: json === undefined ? body : JSON.stringify(json),
    headers: {
      ...(token.get() && { authorization: `Bearer ${token.get()}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
  };
  const response = await fetch(path, init);
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new ApiError(response.status, problem);
}

export const call = async (method, path, options) => (await request(method, path, options)).json();

/** The events of a stream, as `{id, event, data}`. EventSource would send no token. */
export async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const field = (name) =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}:`))
          ?.slice(name.length + 1)
          .trim();
      const data = field('data');
      if (data !== undefined)
        yield { id: field('id'), event: field('event') ?? 'message', data: JSON.parse(data) };
    }
  }
}

/** Calls `listener` with every notification, for as long as the page lives; goes on where a broken connection left off. */
export async function follow(listener) {
  let last;
  for (let pause = 500; ; pause = Math.min(pause * 2, 15_000)) {
    try {
      const response = await request('GET', '/agent/events', {
        headers: last ? { 'last-event-id': last } : {},
      });
      for await (const { id, event, data } of events(response)) {
        pause = 500;
        if (event !== 'notification') continue;
        last = id;
        listener(data);
      }
    } catch (error) {
      if (error.status === 401) return;
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
