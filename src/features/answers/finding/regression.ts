/** Values of a thing by the name of the feature. */
export type Features = Record<string, number>;

/** A logistic regression over standardised features. */
export interface Regression {
  features: string[];
  mean: number[];
  scale: number[];
  weights: number[];
  bias: number;
}

/** Log odds. A feature that is missing counts as its mean. */
export function logit({ features, mean, scale, weights, bias }: Regression, values: Features): number {
  return features.reduce((sum, name, at) => {
    const value = values[name];
    if (value === undefined) return sum;
    return sum + (weights[at] ?? 0) * ((value - (mean[at] ?? 0)) / (scale[at] ?? 1));
  }, bias);
}
