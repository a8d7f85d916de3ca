import { describe, expect, it } from '@jest/globals';
import { stateOf } from './worker-state.js';

const [a, b] = [{ owner: 'a' }, { owner: 'b' }];
const present = [{ owner: 'a', queues: ['default'] }];

describe('the state of the workers', () => {
  it('is none where nobody takes from the queues, also while the lease of a dead worker lasts', () => {
    expect([stateOf([], []), stateOf([], [a])]).toEqual(['none', 'none']);
  });

  it('is idle or busy by the tasks of those that are there', () => {
    expect([stateOf(present, []), stateOf(present, [b]), stateOf(present, [a, b])]).toEqual([
      'idle',
      'idle',
      'busy',
    ]);
  });

  it('is unknown where the queue cannot tell and nobody holds a task', () => {
    expect([stateOf(null, []), stateOf(null, [a])]).toEqual(['unknown', 'busy']);
  });
});
