import { describe, expect, it } from '@jest/globals';
import { bestWindow, packWindow } from './window-vectors.js';

describe('packed window vectors', () => {
  const unit = (...values: number[]): Float32Array => {
    const norm = Math.hypot(...values);
    return Float32Array.from(values, (value) => value / norm);
  };

  it('keep the direction of a vector in one byte for each dimension', () => {
    const vector = unit(0.02, -0.7, 0.31, 0.11, 0.004, -0.2);
    const packed = packWindow(vector);
    expect(packed).toHaveLength(6);
    expect(bestWindow(vector, packed)).toBeCloseTo(1, 3);
    expect(bestWindow(unit(0.7, 0.02, 0, 0, 0, 0), packed)).toBeCloseTo(
      vector.reduce((sum, value, at) => sum + value * (unit(0.7, 0.02, 0, 0, 0, 0)[at] ?? 0), 0),
      2,
    );
  });

  it('give the cosine of the most similar window, wherever it stands', () => {
    const windows = [unit(1, 0, 0), unit(1, 2, 0), unit(0, 0, -1)];
    const packed = Buffer.concat(windows.map(packWindow));
    expect(bestWindow(unit(1, 2, 0), packed)).toBeCloseTo(1, 3);
    expect(bestWindow(unit(0, 0, -1), packed)).toBeCloseTo(1, 3);
    expect(bestWindow(unit(0, 0, 1), packed)).toBeCloseTo(0, 3);
  });

  it('are null without windows, and 0 for a vector of zeros', () => {
    expect(bestWindow(unit(1, 0), Buffer.alloc(0))).toBeNull();
    expect(bestWindow(unit(1, 0), packWindow(new Float32Array(2)))).toBe(0);
  });
});
