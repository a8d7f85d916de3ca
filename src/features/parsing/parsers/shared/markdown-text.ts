const controls = /[^\P{Cc}\t\n\v\f\r]|[\u00ad\ufeff]/gu;
const structural = /^(#{1,6}(?=\s|$)|```|~~~|\|)/;

/**
 * Plain text as Markdown lines: trimmed, without control characters, and with a backslash where a line would otherwise be read as a heading,
 * a fence or a table row. Emphasis characters stay as they are, so that what is quoted is what the document says.
 */
export function markdownLines(text: string): string {
  return text
    .replace(controls, '')
    .replaceAll('\u00a0', ' ')
    .split(/\r\n|[\n\r\v\f\u2028\u2029]/)
    .map((line) => line.trim().replace(structural, '\\$1'))
    .join('\n')
    .trim();
}

/** Text without soft hyphens, and with the letters that ligatures stand for. */
export function plainLetters(text: string): string {
  return text.replaceAll('\u00ad', '').replace(/[\ufb00-\ufb06]/g, (ligature) => ligature.normalize('NFKC'));
}

/** `A G R E E M E N T` as a word: headings are widened by blanks between their letters. */
export function joinSpacedLetters(text: string): string {
  return text.replace(/(?<![\p{L}\p{N}])(?:\p{L} ){4,}\p{L}(?![\p{L}\p{N}])/gu, (word) =>
    word.replaceAll(' ', ''),
  );
}

/** Text on one line: for headings and titles. */
export function oneLine(text: string): string {
  return text.replace(controls, '').split(/\s+/).filter(Boolean).join(' ');
}

/** An ATX heading, '' for empty text. @param level 1 is the highest; what lies beyond 6 becomes 6 */
export function heading(level: number, text: string): string {
  const title = joinSpacedLetters(oneLine(text));
  return title === '' ? '' : `${'#'.repeat(Math.min(6, Math.max(1, level)))} ${title}`;
}

const followable = /^(https?|ftp|mailto):/i;

/** A link where the address leads somewhere a reader can go, else the text alone. */
export function link(text: string, address: string): string {
  const label = text.trim();
  if (label === '' || !followable.test(address) || address.length > 2000 || label === address) return text;
  const target = address.replace(/[\s()<>]/g, (character) =>
    encodeURIComponent(character).replace('(', '%28').replace(')', '%29'),
  );
  return text.replace(label, () => `[${label.replaceAll(/[[\]]/g, '\\$&')}](${target})`);
}

/** A fenced code block whose fence is longer than any inside. */
export function codeBlock(code: string): string {
  let longest = 2;
  for (const [run] of code.matchAll(/`{3,}/g)) if (run.length > longest) longest = run.length;
  const fence = '`'.repeat(longest + 1);
  return `${fence}\n${code.trimEnd()}\n${fence}`;
}

/** Blocks set apart by blank lines; empty ones are left out. */
export function joinBlocks(blocks: string[]): string {
  return blocks.filter((block) => block.trim() !== '').join('\n\n');
}
