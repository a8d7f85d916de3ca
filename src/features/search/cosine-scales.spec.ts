import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Embedder, type SpaceIdentity } from '../../platform/embedding/embedder.js';
import { probes } from './cosine-probes.js';
import { CosineScales, scaleFrom } from './cosine-scales.js';
import { assumedScale } from './support.js';

const identity: SpaceIdentity = { provider: 'p', model: 'm', dimensions: 4 };
const axes = probes.length;

/**
 * Unit vectors on a common direction and one of each pair's own, so that a question has the cosine `floor`
 * with every passage and `top` with its answer.
 */
class Synthetic extends Embedder {
  readonly identity = identity;
  asked = 0;
  failure: Error | null = null;
  /** Its answers wait for this. */
  held: Promise<void> | null = null;

  constructor(
    private readonly floor: number,
    private readonly top: number,
  ) {
    super();
  }
  async embed(texts: string[]): Promise<number[][]> {
    this.asked++;
    if (this.failure) throw this.failure;
    await this.held;
    return texts.map((text) => {
      const pair = probes.findIndex(({ question, passage }) => text === question || text === passage);
      const side = probes[pair]?.question === text ? 1 : 2;
      const vector = Array.from<number>({ length: 1 + 3 * axes }).fill(0);
      vector[0] = Math.sqrt(this.floor);
      vector[1 + pair] = Math.sqrt(this.top - this.floor);
      vector[1 + side * axes + pair] = Math.sqrt(1 - this.top);
      return vector;
    });
  }
  embedQuery(): Promise<number[]> {
    throw new Error('not asked');
  }
  ping(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe('CosineScales', () => {
  afterEach(() => void jest.useRealTimers());

  it.each([
    ['a model whose cosines begin at .75', 0.75, 0.88],
    ['a model whose cosines seldom reach .5', 0.05, 0.42],
  ])('finds the scale of %s', async (_, floor, top) => {
    const scale = await new CosineScales(new Synthetic(floor, top)).scaleFor(identity);
    expect(scale.unrelated).toBeCloseTo(floor);
    expect(scale.answering).toBeCloseTo(top);
  });

  it('asks once for many questions at a time, and once for each model', async () => {
    const model = new Synthetic(0.1, 0.5);
    const scales = new CosineScales(model);
    await Promise.all([scales.scaleFor(identity), scales.scaleFor(identity), scales.scaleFor(identity)]);
    expect(model.asked).toBe(1);
    await scales.scaleFor({ ...identity, model: 'another' });
    expect(model.asked).toBe(2);
  });

  it('lets no question wait for a slow model, and uses its scale once it is known', async () => {
    jest.useFakeTimers();
    const model = new Synthetic(0.1, 0.5);
    let release = (): void => undefined;
    model.held = new Promise((done) => (release = done));
    const scales = new CosineScales(model);
    const first = scales.scaleFor(identity);
    await jest.advanceTimersByTimeAsync(3000);
    expect(await first).toBe(assumedScale);
    release();
    await jest.advanceTimersByTimeAsync(1);
    expect((await scales.scaleFor(identity)).unrelated).toBeCloseTo(0.1);
    expect(model.asked).toBe(1);
  });

  it('asks a model that failed again after a minute', async () => {
    jest.useFakeTimers();
    const model = new Synthetic(0.1, 0.5);
    model.failure = new Error('away');
    const scales = new CosineScales(model);
    expect(await scales.scaleFor(identity)).toBe(assumedScale);
    model.failure = null;
    await jest.advanceTimersByTimeAsync(59_000);
    expect(await scales.scaleFor(identity)).toBe(assumedScale);
    await jest.advanceTimersByTimeAsync(1_000);
    expect((await scales.scaleFor(identity)).answering).toBeCloseTo(0.5);
  });

  it('assumes a scale for a model that fails or gives equal scores to all texts', async () => {
    const failing = new Synthetic(0.1, 0.5);
    failing.failure = new Error('away');
    expect(await new CosineScales(failing).scaleFor(identity)).toBe(assumedScale);
    expect(await new CosineScales(new Synthetic(0.9, 0.9)).scaleFor(identity)).toBe(assumedScale);
  });
});

describe('scaleFrom', () => {
  it('is set by the nearest passage that does not answer', () => {
    const questions = [
      [1, 0],
      [0, 1],
    ];
    const passages = [
      [0.8, 0.6],
      [0, 1],
    ];
    expect(scaleFrom(questions, passages)).toEqual({ unrelated: 0.6, answering: 1 });
  });
});
