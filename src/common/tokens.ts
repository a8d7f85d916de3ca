const wideScripts =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/gu;

/**
 * A quick estimate of a text's tokens, for pacing and budgets: four characters make a token; each character
 * of Chinese, Japanese, Korean and Thai is one.
 */
export function estimateTokens(text: string): number {
  const wide = text.match(wideScripts)?.length ?? 0;
  return wide + Math.ceil((text.length - wide) / 4);
}
