import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

const never = new AbortController().signal;

describe('turns', () => {
  it('let one owner work on one thing at a time, in order, and others beside it', async () => {
    const turns = new Turns();
    const seen: string[] = [];
    const gates = new Map<string, () => void>();
    const work = (name: string) => () => {
      seen.push(name);
      return new Promise<string>((resolve) => gates.set(name, () => resolve(name)));
    };
    const first = turns.take('acme', never, work('a1'));
    const second = turns.take('acme', never, work('a2'));
    const other = turns.take('globex', never, work('g1'));
    await Promise.resolve();
    expect(seen.toSorted()).toEqual(['a1', 'g1']);
    gates.get('a1')?.();
    expect(await first).toBe('a1');
    await new Promise(setImmediate);
    expect(seen).toContain('a2');
    gates.get('a2')?.();
    gates.get('g1')?.();
    expect(await Promise.all([second, other])).toEqual(['a2', 'g1']);
  });

  it('go on after a failure, and skip one whose caller left', async () => {
    const turns = new Turns();
    const gone = new AbortController();
    const failing = turns.take('acme', never, () => Promise.reject(new Error('broken')));
    const left = turns.take('acme', gone.signal, () => Promise.resolve('too late'));
    const last = turns.take('acme', never, () => Promise.resolve('done'));
    gone.abort();
    await expect(failing).rejects.toThrow('broken');
    await expect(left).rejects.toMatchObject({ name: 'AbortError' });
    expect(await last).toBe('done');
  });
});
