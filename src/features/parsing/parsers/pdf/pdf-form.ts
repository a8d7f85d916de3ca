import type { ParsedPage } from '@llamaindex/liteparse';

const notes: ReadonlySet<string> = new Set([
  'text',
  'freetext',
  'highlight',
  'underline',
  'squiggly',
  'strikeout',
  'caret',
]);

/** What a reader sees in form fields and notes and the page's own text lacks, one line each: `Name: Jane Doe`, `Comment (Bob): …`. */
export function fieldsAndNotes(
  page: Pick<ParsedPage, 'formFields' | 'annotations'>,
  markdown: string,
): string[] {
  const lines: string[] = [];
  for (const field of page.formFields ?? []) {
    const value =
      field.type === 'checkbox' || field.type === 'radio'
        ? field.checked
          ? 'yes'
          : ''
        : oneLine(field.value);
    const label = oneLine(field.alternateName) || oneLine(field.name);
    if (value !== '' && !(value.length > 3 && markdown.includes(value)))
      lines.push(label === '' ? value : `${label}: ${value}`);
  }
  for (const { subtype, contents, title } of page.annotations ?? []) {
    const text = oneLine(contents);
    if (!notes.has(subtype) || text === '' || markdown.includes(text)) continue;
    lines.push(title ? `Comment (${oneLine(title)}): ${text}` : `Comment: ${text}`);
  }
  return [...new Set(lines)];
}

function oneLine(text: string | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ').trim();
}
