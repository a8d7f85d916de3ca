import { describe, expect, it } from '@jest/globals';
import { contextOfHeaders, formatContext, parseContext, traceHeaders } from './trace-context.js';

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const describeState = (tracestate: unknown) => contextOfHeaders(traceparent, tracestate)?.state;

describe('a trace context', () => {
  it('is the same after being written to one text and read again', () => {
    for (const tracestate of [
      'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
      'tenant@vendor=one value with spaces',
      '',
    ]) {
      const context = contextOfHeaders(traceparent, tracestate);
      expect(parseContext(formatContext(context as NonNullable<typeof context>))).toEqual(context);
    }
    // as rows have it that were written before there was a state
    expect(parseContext(traceparent)).toMatchObject({ spanId: '00f067aa0ba902b7', flags: 1, state: '' });
  });

  it('keeps a tracestate only if it is well-formed', () => {
    expect(describeState(' rojo=1 , ,congo=2\t')).toBe('rojo=1,congo=2');
    const fits = `a=${'x'.repeat(254)},b=${'y'.repeat(253)}`;
    expect(fits).toHaveLength(512);
    expect(describeState(fits)).toBe(fits);
    const many = Array.from({ length: 33 }, (_, count) => `k${count}=1`).join(',');
    for (const malformed of [
      'rojo',
      '=1',
      'rojo=',
      'Rojo=1',
      'rojo=1=2',
      'a=1,a=2',
      'rojo=ä',
      '@b=1',
      many,
      `${fits}z`,
      ['a=1'],
      undefined,
    ])
      expect(describeState(malformed)).toBe('');
  });

  it('is absent without a traceparent', () => {
    expect(contextOfHeaders('nonsense', 'rojo=1')).toBeNull();
    expect(contextOfHeaders(undefined, 'rojo=1')).toBeNull();
    expect([traceHeaders(undefined), traceHeaders('nonsense rojo=1')]).toEqual([{}, {}]);
  });

  it('is sent as the two headers', () => {
    expect(traceHeaders(`${traceparent} rojo=1,congo=2`)).toEqual({
      traceparent,
      tracestate: 'rojo=1,congo=2',
    });
    expect(traceHeaders(traceparent)).toEqual({ traceparent });
  });
});
