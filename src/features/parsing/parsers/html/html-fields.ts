const unseen = /^(?:hidden|password|submit|reset|button|image|file)$/i;
const maxSource = 200_000;

/**
 * Writes the value of a form field as HTML: `[x]`, the text that was typed, the chosen options.
 * @param source what the tags of the field enclose
 * @returns null for buttons and for fields that show nothing
 */
export function fieldText(
  name: string,
  attributes: Readonly<Record<string, string>>,
  source: string,
): string | null {
  if (name === 'textarea') return source;
  if (name === 'select') return chosen(source.slice(0, maxSource));
  const type = attributes['type'] ?? 'text';
  if (/^(?:checkbox|radio)$/i.test(type)) return 'checked' in attributes ? '[x]' : '[ ]';
  if (unseen.test(type) || !attributes['value']) return null;
  return attributes['value'].replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

/** The chosen options; a list without a choice shows its first. */
function chosen(source: string): string | null {
  const options = source.split(/<option\b/i).slice(1);
  const selected = options.filter((option) => /^[^>]*\sselected\b/i.test(option));
  const shown = selected.length > 0 ? selected : options.slice(0, 1);
  const texts = shown.map((option) =>
    option
      .slice(option.indexOf('>') + 1)
      .replace(/<[^<>]*>/g, ' ')
      .trim(),
  );
  return texts.filter(Boolean).join(', ') || null;
}
