import { Problem } from '../../common/errors.js';

const maxEventChars = 4 * 1024 * 1024;

/** The data of each server-sent event, in order; ends with the body. @throws upstream_invalid for an event beyond all measure */
export async function* eventData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let pending = '';
  let data: string[] = [];
  let chars = 0;
  for await (const part of body) {
    pending += decoder.decode(part, { stream: true });
    const lines = pending.split(/\r\n|\n|\r(?!$)/);
    pending = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) {
        data.push(line.slice(5).replace(/^ /, ''));
        chars += line.length;
      } else if (line === '' && data.length > 0) {
        yield data.join('\n');
        [data, chars] = [[], 0];
      }
    }
    if (pending.length + chars > maxEventChars)
      throw new Problem('upstream_invalid', 'The model server sent an endless event.');
  }
  if (pending.startsWith('data:')) data.push(pending.slice(5).trim());
  if (data.length > 0) yield data.join('\n');
}
