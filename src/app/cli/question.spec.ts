import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { readQuestion } from './question.js';

describe('the question of a command line', () => {
  it('is its words, or what is piped into it for a dash', async () => {
    expect(await readQuestion(['Who', 'signs', '-', 'and when?'])).toBe('Who signs - and when?');
    const bytes = Buffer.from('Wer prüft die Größe?\n');
    // a letter of two bytes arrives in two pieces
    const pieces = [bytes.subarray(0, 7), bytes.subarray(7)];
    expect(await readQuestion(['-'], Readable.from(pieces))).toBe('Wer prüft die Größe?');
  });

  it('is asked for where there is none', async () => {
    await expect(readQuestion([])).rejects.toThrow('`-`');
    await expect(readQuestion(['-'], Readable.from([]))).rejects.toThrow('`-`');
  });
});
