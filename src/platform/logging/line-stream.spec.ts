import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { LineStream } from './line-stream.js';

const logger = () => {
  const writes: string[] = [];
  const stream = new LineStream({ write: (text) => writes.push(text) });
  return { writes, log: pino({ base: null, timestamp: false }, stream) };
};

describe('line stream', () => {
  it('writes the lines of one turn at once, in their order', async () => {
    const { writes, log } = logger();
    for (const text of ['a', 'b', 'c']) log.info(text);
    expect(writes).toEqual([]);
    await nextTurn();
    expect(writes.map((text) => text.match(/"msg":"."/g))).toEqual([['"msg":"a"', '"msg":"b"', '"msg":"c"']]);
    log.info('d');
    await nextTurn();
    expect(writes).toHaveLength(2);
  });

  it('writes a warning before the call returns, after the lines that came before it', async () => {
    const { writes, log } = logger();
    log.info('before');
    log.warn('now');
    expect(writes.join('')).toMatch(/before[\s\S]*now/);
    await nextTurn();
    expect(writes).toHaveLength(1);
  });
});
