/** From this share of its letters on, a document is written in a typewriter face, which then marks no code. */
const minTyped = 0.5;
/** Share of the lines from which on a text is a program. */
const minCodeLines = 0.2;

const codeLine =
  /[;{}]\s*$|^\s*(?:#include|#!|import\s|from\s+\S+\s+import|def\s|class\s|function\b|const\s|let\s|var\s|if\s*\(|for\s*\(|while\s*\(|return\b|\/\/|\/\*|<\/?\w+[ >]|@\w+|\$\s|>>>)|=>|::|[\w.]\(\w*\)|\b\w+\s?[+*/-]?=\s?\S/;
/** A line that is drawn with signs: under a line of text it would make a heading of it. */
const drawn = /^[\s=_*~#+.-]{3,}$/;
const letter = /[\p{L}\p{N}]/gu;

const countLetters = (lines: string[]): number =>
  lines.reduce((sum, line) => sum + (line.match(letter)?.length ?? 0), 0);

/**
 * Receipts, letters and reports in a typewriter face are no programs: without their fences they are read line
 * by line as any other text.
 */
export function withoutTypewriterFences<T extends { markdown: string }>(pages: T[]): T[] {
  const [code, prose] = splitLines(pages);
  const typed = countLetters(code);
  if (typed === 0 || typed < minTyped * (typed + countLetters(prose))) return pages;
  const filled = code.filter((line) => line.trim() !== '');
  if (filled.filter((line) => codeLine.test(line)).length >= minCodeLines * filled.length) return pages;
  return pages.map((page) => ({ ...page, markdown: unfence(page.markdown) }));
}

function splitLines(pages: { markdown: string }[]): [code: string[], prose: string[]] {
  const [code, prose]: [string[], string[]] = [[], []];
  for (const { markdown } of pages) {
    let isCode = false;
    for (const line of markdown.split('\n')) {
      if (line.startsWith('```')) isCode = !isCode;
      else (isCode ? code : prose).push(line);
    }
  }
  return [code, prose];
}

function unfence(markdown: string): string {
  let isCode = false;
  const lines = markdown.split('\n').flatMap((line) => {
    if (line.startsWith('```')) {
      isCode = !isCode;
      return [''];
    }
    return isCode && drawn.test(line) ? [''] : [line];
  });
  return lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
