// Logistic regression with a ridge, by Newton's method. No
// dependency: a few hundred rows and at most thirty features.

/** Solves a symmetric positive system by Cholesky's method. */
function solve(matrix, right) {
  const n = right.length;
  const lower = matrix.map((row) => Float64Array.from(row));
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i][j];
      for (let k = 0; k < j; k++) sum -= lower[i][k] * lower[j][k];
      lower[i][j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / lower[j][j];
    }
  const y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = right[i];
    for (let k = 0; k < i; k++) sum -= lower[i][k] * y[k];
    y[i] = sum / lower[i][i];
  }
  const x = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    let sum = y[i];
    for (let k = i + 1; k < n; k++) sum -= lower[k][i] * x[k];
    x[i] = sum / lower[i][i];
  }
  return x;
}

/**
 * @param rows `{ features, label, weight? }`; features missing in a row count as the mean
 * @param names which features are used
 * @param ridge strength of the penalty on standardised weights
 */
export function fit(rows, names, ridge) {
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
  const xs = rows.map(({ features }) => [
    1,
    ...names.map((name, at) => (features[name] === undefined ? 0 : (features[name] - mean[at]) / scale[at])),
  ]);
  const size = names.length + 1;
  const beta = new Float64Array(size);
  for (let round = 0; round < 25; round++) {
    const gradient = new Float64Array(size);
    const hessian = Array.from({ length: size }, () => new Float64Array(size));
    for (const [r, x] of xs.entries()) {
      const weight = rows[r].weight ?? 1;
      let z = 0;
      for (let i = 0; i < size; i++) z += beta[i] * x[i];
      const p = 1 / (1 + Math.exp(-z));
      const error = weight * (rows[r].label - p);
      const curve = weight * p * (1 - p) + 1e-9;
      for (let i = 0; i < size; i++) {
        gradient[i] += error * x[i];
        for (let j = 0; j <= i; j++) hessian[i][j] += curve * x[i] * x[j];
      }
    }
    for (let i = 0; i < size; i++) {
      if (i > 0) {
        gradient[i] -= ridge * beta[i];
        hessian[i][i] += ridge;
      } else hessian[i][i] += 1e-6;
      for (let j = i + 1; j < size; j++) hessian[i][j] = hessian[j][i];
    }
    for (let i = 0; i < size; i++) for (let j = i + 1; j < size; j++) hessian[i][j] = hessian[j][i];
    const step = solve(hessian, gradient);
    let most = 0;
    for (let i = 0; i < size; i++) {
      beta[i] += step[i];
      most = Math.max(most, Math.abs(step[i]));
    }
    if (most < 1e-6) break;
  }
  const rounded = (value) => Number(value.toPrecision(4));
  return {
    features: names,
    mean: mean.map(rounded),
    scale: scale.map(rounded),
    weights: Array.from(beta.subarray(1), rounded),
    bias: rounded(beta[0]),
  };
}

/** Area under the curve: how often a positive stands above a negative. */
export function areaUnderCurve(positives, negatives) {
  let sum = 0;
  for (const positive of positives)
    for (const negative of negatives) sum += positive > negative ? 1 : positive === negative ? 0.5 : 0;
  return sum / Math.max(1, positives.length * negatives.length);
}
