/**
 * The version of the analysis. Raise it with every change to what is indexed: rows of an older version are made again in the background
 * (docs/decisions/index-rows-are-made-again.md).
 */
export const analyzerVersion = 2;
