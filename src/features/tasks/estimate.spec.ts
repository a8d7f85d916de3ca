import { describe, expect, it } from '@jest/globals';
import { secondsLeft } from './estimate.js';

const now = Date.parse('2026-01-01T00:01:00Z');
const running = { status: 'running', started_at: '2026-01-01T00:00:00Z', position: null } as const;
const waiting = { status: 'queued', started_at: null, progress: 0 } as const;

describe('the seconds left of a task', () => {
  it('follow its own pace once it has one', () => {
    expect(secondsLeft({ ...running, progress: 0.25 }, { medianRunMs: 1, running: 1 }, now)).toBe(180);
    expect(secondsLeft({ ...running, progress: 1 }, { medianRunMs: 1, running: 1 }, now)).toBe(0);
  });

  it('follow the tasks of the last hour before that', () => {
    expect(secondsLeft({ ...running, progress: 0 }, { medianRunMs: 90_000, running: 1 }, now)).toBe(30);
    expect(secondsLeft({ ...running, progress: 0 }, { medianRunMs: 10_000, running: 1 }, now)).toBe(0);
    expect(secondsLeft({ ...running, progress: 0 }, { medianRunMs: null, running: 1 }, now)).toBeNull();
  });

  it('grow with the place in the queue and shrink with those at work', () => {
    expect(secondsLeft({ ...waiting, position: 8 }, { medianRunMs: 2000, running: 4 }, now)).toBe(4);
    expect(secondsLeft({ ...waiting, position: 1 }, { medianRunMs: 2000, running: 0 }, now)).toBe(2);
    expect(secondsLeft({ ...waiting, position: 1 }, { medianRunMs: null, running: 0 }, now)).toBeNull();
  });

  it('are unknown for a task that has ended', () => {
    expect(
      secondsLeft(
        { status: 'succeeded', started_at: running.started_at, progress: 1, position: null },
        { medianRunMs: 1, running: 1 },
        now,
      ),
    ).toBeNull();
  });
});
