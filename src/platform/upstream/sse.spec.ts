import { describe, expect, it } from '@jest/globals';
import { eventData } from './sse.js';

async function* bytes(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield typeof part === 'string' ? Buffer.from(part) : part;
}
async function read(...parts: (string | Uint8Array)[]): Promise<string[]> {
  const events: string[] = [];
  for await (const event of eventData(bytes(...parts))) events.push(event);
  return events;
}

describe('server-sent events', () => {
  it('are read with any line ends; comments and other fields are ignored', async () => {
    expect(
      await read(
        ': ping\n\ndata: one\n\nevent: x\r\nid: 3\r\ndata:two\r\n\r\ndata: three\r\rdata: [DONE]\n\n',
      ),
    ).toEqual(['one', 'two', 'three', '[DONE]']);
  });

  it('may come in any pieces, through the middle of a character and of a line end', async () => {
    const whole = Buffer.from('data: {"a":"請假 ü"}\r\n\r\ndata: b\r\n\r\n');
    for (let at = 1; at < whole.length; at += 1) {
      expect(await read(whole.subarray(0, at), whole.subarray(at))).toEqual(['{"a":"請假 ü"}', 'b']);
    }
  });

  it('join the data of several lines, and end with the body even without an empty line', async () => {
    expect(await read('data: a\ndata: b\n\ndata: last')).toEqual(['a\nb', 'last']);
    expect(await read('data: last\n')).toEqual(['last']);
    expect(await read('')).toEqual([]);
  });

  it('are refused when one never ends', async () => {
    const endless = Array.from({ length: 5 }, () => 'x'.repeat(1024 * 1024));
    await expect(read('data: ', ...endless).then((events) => events.length)).rejects.toMatchObject({
      code: 'upstream_invalid',
    });
  });

  it('are refused when short lines never end', async () => {
    const lines = Array.from({ length: 6 }, () => `data: ${'x'.repeat(1024 * 1024)}\n`);
    await expect(read(...lines).then((events) => events.length)).rejects.toMatchObject({
      code: 'upstream_invalid',
    });
  });
});
