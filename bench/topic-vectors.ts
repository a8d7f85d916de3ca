const topics = 2000;

/**
 * Makes unit vectors that lie around topics, as those of texts do. Each has a noise of its own.
 * @param random numbers from 0 to below 1
 */
export function topicVectors(dimensions: number, random: () => number): () => Float32Array {
  // 1 - random() is never 0
  const gaussian = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const noise = Float32Array.from({ length: 1 << 20 }, gaussian);
  const centres = Array.from({ length: topics }, () => Float32Array.from({ length: dimensions }, gaussian));
  return () => {
    const centre = centres[Math.floor(random() * topics)] ?? noise;
    const from = Math.floor(random() * (noise.length - dimensions));
    const values = centre.map((value, at) => value + (noise[from + at] ?? 0));
    const length = Math.hypot(...values);
    return values.map((value) => value / length);
  };
}
