/** Longest format that is looked into; Excel itself takes 255 letters, and real formats have far fewer. */
export const maxFormat = 160;

/**
 * True when a number format shows nothing for this value: `;;;` hides everything, `0;-0;;@` zeros, `0.00;;`
 * zeros and negative numbers.
 * @param value a number, or null for a text
 */
export function showsNothing(code: string, value: number | null): boolean {
  if (code === '' || code.length > maxFormat) return false;
  if (value === 0 && /^#(?:,#*)?$/.test(code)) return true;
  const sections = sectionsOf(code);
  const section = value === null ? (sections[3] ?? '@') : sectionFor(sections, value);
  return section !== undefined && isBlank(section);
}

/** Parts between semicolons that stand neither in quotes nor behind a backslash. */
function sectionsOf(code: string): string[] {
  const sections = [''];
  for (const [piece] of code.matchAll(/"[^"]*"?|\\.?|\[[^\]]*\]?|[^]/g))
    if (piece === ';') sections.push('');
    else sections[sections.length - 1] += piece;
  return sections;
}

/** Undefined where the parts have conditions of their own: those are rare, and hide nothing as a rule. */
function sectionFor(sections: readonly string[], value: number): string | undefined {
  if (sections.some((section) => /\[[<>=]/.test(section))) return undefined;
  if (value < 0) return sections.length > 1 ? sections[1] : sections[0];
  return value === 0 ? (sections[2] ?? sections[0]) : sections[0];
}

/** Colours, blanks, and signs that only fill up or keep a width show nothing. */
function isBlank(section: string): boolean {
  return section.replace(/\[[^\]$]*\]|_.|\*.|\\ |"\s*"|\s/g, '') === '';
}
