import { describe, expect, it } from '@jest/globals';
import { decideState } from './worker-state.js';

const [a, b] = [{ owner: 'a' }, { owner: 'b' }];
const present = [{ owner: 'a', queues: ['default'] }];

describe('the state of the workers', () => {
  it('is "none" when no worker consumes the queues, also while the lease of a dead worker lasts', () => {
    expect([decideState([], []), decideState([], [a])]).toEqual(['none', 'none']);
  });

  it('is "idle" or "busy" by the tasks of the live workers', () => {
    expect([decideState(present, []), decideState(present, [b]), decideState(present, [a, b])]).toEqual([
      'idle',
      'idle',
      'busy',
    ]);
  });

  it('is unknown where the queue cannot tell and nobody holds a task', () => {
    expect([decideState(null, []), decideState(null, [a])]).toEqual(['unknown', 'busy']);
  });
});
