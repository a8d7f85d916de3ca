import { Problem } from '../../common/errors.js';

const maxEventChars = 4 * 1024 * 1024;

const endless = (): Problem => new Problem('upstream_invalid', 'The model server sent an endless event.');

/**
 * The data of each server-sent event, in order; ends with the
 * body. @throws upstream_invalid for an event beyond all measure
 */
export async function* eventData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let pending = '';
  let data: string[] = [];
  let chars = 0;
  let mayEnd = false;
  for await (const part of body) {
    const text = decoder.decode(part, { stream: true });
    pending += text;
    // a line that comes in many parts is searched once, when its end has come
    const isWhole = mayEnd || /[\r\n]/.test(text);
    mayEnd = false;
    if (!isWhole) {
      if (pending.length + chars > maxEventChars) throw endless();
      continue;
    }
    const lines = pending.split(/\r\n|\n|\r(?!$)/);
    pending = lines.pop() ?? '';
    mayEnd = pending.endsWith('\r');
    for (const line of lines) {
      if (line.startsWith('data:')) {
        data.push(line.slice(5).replace(/^ /, ''));
        chars += line.length;
      } else if (line === '' && data.length > 0) {
        yield data.join('\n');
        [data, chars] = [[], 0];
      }
    }
    if (pending.length + chars > maxEventChars) throw endless();
  }
  if (pending.startsWith('data:')) data.push(pending.slice(5).trim());
  if (data.length > 0) yield data.join('\n');
}
