/** A mark before a number behind a word: it stands behind the number, on its left. */
const markBefore = /(?<=[\p{Script=Arabic}\p{Script=Hebrew}] )([.,:;])(\d[\d.,:/-]{0,30}(?<=\d))(?=\s|$)/gmu;

/**
 * Mends what PDF extractors do to Arabic: a lam-alef ligature comes out with its letters exchanged, the
 * blank between scripts is lost, and the mark that ends a number stands before it. Only sequences that no Arabic word
 * has are exchanged back.
 */
export function rightToLeft(text: string): string {
  return text
    .replace(markBefore, '$2$1')
    .replace(/\u0627([\u0627\u0622\u0623\u0625])\u0644/g, '\u0627\u0644$1')
    .replace(/([A-Za-z])(?=[\p{Script=Arabic}\p{Script=Hebrew}])/gu, '$1 ')
    .replace(/([\p{Script=Arabic}\p{Script=Hebrew}])(?=[A-Za-z])/gu, '$1 ');
}

/**
 * Marks the lines of a plain text that the layout of the same page
 * has as headings; word order and blanks may differ between the two.
 */
export function withHeadings(plain: string, layout: string): string {
  const headings = new Map<string, string>();
  let [before, end] = ['', -1];
  for (const match of layout.matchAll(/^(#{1,6}) +(.+)$/gm)) {
    const [, marks = '', title = ''] = match;
    const text = rightToLeft(title);
    headings.set(letters(text), marks);
    // a heading whose words the layout has in several lines
    const goesOn = end >= 0 && layout.slice(end, match.index).trim() === '';
    if (goesOn && before.length < 300) headings.set(letters(before + text), marks);
    before = goesOn ? before + text : text;
    end = match.index + match[0].length;
  }
  if (headings.size === 0) return plain;
  return plain
    .split('\n')
    .map((line) => {
      const marks = line.length > 300 ? undefined : headings.get(letters(line));
      return marks ? `\n${marks} ${line}\n` : line;
    })
    .join('\n')
    .trim();
}

function letters(line: string): string {
  return (line.match(/[\p{L}\p{N}]/gu) ?? []).sort().join('');
}
