/**
 * The version of the analysis. Raise it with every change to the indexed terms: rows of an older version are
 * then remade in the background (docs/decisions/index-rows-are-made-again.md).
 */
export const analyzerVersion = 3;
