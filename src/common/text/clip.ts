import { estimateTokens } from '../tokens.js';

/**
 * The longest beginning of `text` that is likely to stay within `tokens`, cut at white space if there is any.
 */
export function clipToTokens(text: string, tokens: number): string {
  if (estimateTokens(text) <= tokens) return text;
  let low = 0;
  let high = text.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (estimateTokens(text.slice(0, middle)) <= tokens) low = middle;
    else high = middle - 1;
  }
  const space = text.slice(0, low).search(/\s\S*$/u);
  return text.slice(0, space > low * 0.8 ? space : low).toWellFormed();
}
