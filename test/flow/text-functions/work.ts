/** Runs a function over a text that may have been made to be slow. */
export type Work = (text: string) => unknown;
/**
 * Works of the functions of each file under src. Of a
 * function with several texts, each is made long in its turn.
 */
export type TextFunctions = Record<string, Record<string, Work | Work[]>>;

export function inPieces(text: string, size: number, take: (piece: string) => unknown): void {
  for (let at = 0; at < text.length; at += size) take(text.slice(at, at + size));
}
