const symbol =
  '61α 62β 63χ 64δ 65ε 66φ 67γ 68η 69ι 6aϕ 6bκ 6cλ 6dμ 6eν 6fο 70π 71θ 72ρ 73σ 74τ 75υ 76ϖ 77ω 78ξ 79ψ 7aζ 41Α 42Β 43Χ 44Δ 45Ε 46Φ 47Γ 48Η 49Ι 4bΚ 4cΛ 4dΜ 4eΝ 4fΟ 50Π 51Θ 52Ρ 53Σ 54Τ 55Υ 57Ω 58Ξ 59Ψ 5aΖ a3≤ b3≥ b1± b4× b8÷ b9≠ ba≡ bb≈ a5∞ b6∂ d1∇ e5∑ d5∏ d6√ f2∫ ce∈ cf∉ c8∪ c7∩ c6∅ cc⊂ c9⊃ cd⊆ ca⊇ 22∀ 24∃ d8¬ d9∧ da∨ ac← ad↑ ae→ af↓ ab↔ db⇔ dc⇐ dd⇑ de⇒ df⇓ b0° b7• a2′ b2″ d7⋅ d0∠ d4™ d2® d3© 2d−';
const wingdings =
  'fc✓ fb✗ fe☑ fd☒ a8☐ 6f☐ a7▪ 6c● 6e■ 71☐ 76❖ d8➢ e0→ df← e1↑ e2↓ 4a☺ 4c☹ 21✏ 28☎ 2a✉ 46☞ ab★';
const wingdings2 = '50✓ 4f✗ 52☑ 53☒ a3☐ 51☒ 54☒ 97●';

function table(pairs: string): Map<number, string> {
  return new Map(pairs.split(' ').map((pair) => [parseInt(pair.slice(0, 2), 16), pair.slice(2)]));
}
const fonts = new Map([
  ['symbol', table(symbol)],
  ['wingdings', table(wingdings)],
  // LibreOffice draws both with its own font
  ['opensymbol', new Map([...table(wingdings), ...table(symbol)])],
  ['wingdings 2', table(wingdings2)],
]);

/**
 * The Unicode character that a symbol font draws for a code; '' if only the font knows it.
 * @param code hexadecimal, in the font's own range or moved to the private use area (`F0FC`)
 */
export function symbolCharacter(font: string, code: string): string {
  const point = parseInt(code, 16);
  if (!(point > 0 && point <= 0xffff)) return '';
  const known = tableOf(font);
  if (known) return known.get(point & 0xff) ?? '';
  const isPrivate = point >= 0xe000 && point <= 0xf8ff;
  return isPrivate || (point >= 0xd800 && point <= 0xdfff) ? '' : String.fromCodePoint(point);
}

/** Text set in a symbol font as the signs that the font draws; text in other fonts stays as it is. */
export function symbolLetters(text: string, font: string): string {
  const known = tableOf(font);
  if (!known) return text;
  return Array.from(text, (letter) => {
    const point = letter.codePointAt(0) ?? 0;
    const isOwn = (point > 0x20 && point <= 0xff) || (point >= 0xf020 && point <= 0xf0ff);
    return isOwn ? (known.get(point & 0xff) ?? (point > 0xff ? '' : letter)) : letter;
  }).join('');
}

export function isSymbolFont(font: string): boolean {
  return tableOf(font) !== undefined;
}

/** @param font with a number or a style behind its name where the file has several */
function tableOf(font: string): Map<number, string> | undefined {
  const [, name = ''] =
    /^(?:[a-z]{6}\+)?(symbol|opensymbol|wingdings 2|wingdings)(?:[ -]?(?:mt|regular))?\d*$/i.exec(
      font.trim(),
    ) ?? [];
  return fonts.get(name.toLowerCase());
}

/** The sign of a field `SYMBOL 176 \f "Symbol"`; '' for other fields. */
export function symbolOfField(instruction: string): string {
  const [, code, font] =
    /^\s*SYMBOL\s+(0x[0-9a-f]{2,4}|\d{1,5})\s.{0,40}?\\f\s*"?([^"\\]{1,40})/i.exec(instruction) ?? [];
  return code && font ? symbolCharacter(font.trim(), Number(code).toString(16)) : '';
}
