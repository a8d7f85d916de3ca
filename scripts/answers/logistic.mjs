// Logistic regression with a ridge and signs, by Newton's method one weight after the other. No dependency: some ten thousand rows at most
// and at most thirty features.

const maxRounds = 60;
const precise = 1e-4;

/**
 * @param rows `{ features, label, weight? }`; features missing in a row count as the mean
 * @param names which features are used
 * @param ridge strength of the penalty on standardised weights
 * @param rising features that can only speak for the label: their weights are not negative. Features of a small set say much of the same,
 * and without this bound their weights cancel each other out in a way that holds for the set alone
 * @param falling features that can only speak against it
 */
export function fit(rows, names, ridge, { rising = new Set(), falling = new Set() } = {}) {
  const mean = names.map((name) => {
    const values = rows.map(({ features }) => features[name]).filter((value) => value !== undefined);
    return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  });
  const scale = names.map((name, at) => {
    const values = rows.map(({ features }) => features[name]).filter((value) => value !== undefined);
    const variance =
      values.reduce((sum, value) => sum + (value - mean[at]) ** 2, 0) / Math.max(1, values.length);
    return Math.sqrt(variance) || 1;
  });
  const columns = names.map((name, at) =>
    Float64Array.from(rows, ({ features }) =>
      features[name] === undefined ? 0 : (features[name] - mean[at]) / scale[at],
    ),
  );
  const weights = Float64Array.from(rows, ({ weight }) => weight ?? 1);
  const labels = Float64Array.from(rows, ({ label }) => label);
  const bounds = names.map((name) => [rising.has(name) ? 0 : -Infinity, falling.has(name) ? 0 : Infinity]);
  const logits = new Float64Array(rows.length);
  const beta = new Float64Array(names.length);
  let bias = 0;
  /** @returns how far the weight of a column moved; without a column, the bias */
  const improve = (column, penalty, value, [least, most]) => {
    let slope = -penalty * value;
    let curve = penalty + 1e-9;
    for (let row = 0; row < labels.length; row++) {
      const x = column ? column[row] : 1;
      const p = 1 / (1 + Math.exp(-logits[row]));
      slope += weights[row] * (labels[row] - p) * x;
      curve += weights[row] * p * (1 - p) * x * x;
    }
    const moved = Math.min(most, Math.max(least, value + Math.max(-2, Math.min(2, slope / curve)))) - value;
    for (let row = 0; row < labels.length; row++) logits[row] += moved * (column ? column[row] : 1);
    return moved;
  };
  for (let round = 0; round < maxRounds; round++) {
    const moved = improve(null, 0, bias, [-Infinity, Infinity]);
    bias += moved;
    let most = Math.abs(moved);
    for (const [at, column] of columns.entries()) {
      const step = improve(column, ridge, beta[at], bounds[at]);
      beta[at] += step;
      most = Math.max(most, Math.abs(step));
    }
    if (most < precise) break;
  }
  const rounded = (value) => Number(value.toPrecision(4));
  return {
    features: names,
    mean: mean.map(rounded),
    scale: scale.map(rounded),
    weights: Array.from(beta, rounded),
    bias: rounded(bias),
  };
}

/** Area under the curve: how often a positive stands above a negative. */
export function areaUnderCurve(positives, negatives) {
  let sum = 0;
  for (const positive of positives)
    for (const negative of negatives) sum += positive > negative ? 1 : positive === negative ? 0.5 : 0;
  return sum / Math.max(1, positives.length * negatives.length);
}
