import { describe, expect, it } from '@jest/globals';
import { planLeanStart } from './hold-less-memory.js';

describe('planLeanStart', () => {
  const plain = { platform: 'linux', execArgv: ['--enable-source-maps'], env: { PATH: '/bin' } };

  it('adds what makes the allocator give memory back, and keeps flags and environment', () => {
    expect(planLeanStart(plain)).toEqual({
      flags: ['--enable-source-maps', '--max-semi-space-size=16'],
      env: {
        PATH: '/bin',
        MALLOC_ARENA_MAX: '2',
        MALLOC_MMAP_THRESHOLD_: '131072',
        MALLOC_TRIM_THRESHOLD_: '131072',
      },
    });
  });

  it('plans nothing for a process that was started by its plan', () => {
    const plan = planLeanStart(plain);
    expect(planLeanStart({ ...plain, execArgv: plan?.flags ?? [], env: plan?.env ?? {} })).toBeUndefined();
  });

  it('keeps what was chosen', () => {
    expect(planLeanStart({ ...plain, env: { MALLOC_ARENA_MAX: '8' } })?.env['MALLOC_ARENA_MAX']).toBe('8');
    const flags = ['--max-semi-space-size=64'];
    expect(planLeanStart({ ...plain, execArgv: flags })?.flags).toEqual(flags);
    expect(planLeanStart({ ...plain, env: { NODE_OPTIONS: '--max-semi-space-size=64' } })?.flags).toEqual(
      plain.execArgv,
    );
    expect(planLeanStart({ ...plain, env: { MALLOC_TRIM_THRESHOLD_: '1' } })).toBeUndefined();
  });

  it.each([
    ['another system', { platform: 'darwin' }],
    ['a debugger', { execArgv: ['--inspect-brk'] }],
    ['a parent that talks to it', { channel: {} }],
  ])('plans nothing with %s', (_, start) => {
    expect(planLeanStart({ ...plain, ...start })).toBeUndefined();
  });
});
