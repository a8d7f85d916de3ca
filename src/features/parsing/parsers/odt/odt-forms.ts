import { oneLine } from '../shared/markdown-text.js';
import { elements, findAll, readText, type XmlElement } from '../shared/xml-tree.js';

/**
 * Form fields of an OpenDocument text: they are defined before the text, which refers to them by their ids.
 */
export class OdtForms {
  private readonly fields = new Map<string, XmlElement>();

  /** @param forms `office:forms` */
  add(forms: XmlElement): void {
    for (const form of findAll(forms, 'form:form'))
      for (const field of elements(form)) {
        const id = field.attributes['form:id'] ?? field.attributes['xml:id'];
        if (id !== undefined) this.fields.set(id, field);
      }
  }

  /** A field with its name and state: `Size: M`, `[x] Newsletter`; '' for buttons and empty fields. */
  text(id: string | undefined): string {
    const field = this.fields.get(id ?? '');
    if (!field) return '';
    const { 'form:label': label, 'form:name': name = '' } = field.attributes;
    if (field.name === 'form:checkbox' || field.name === 'form:radio')
      return `${isChosen(field) ? '[x]' : '[ ]'} ${oneLine(label ?? name)}`;
    const value = oneLine(readValue(field));
    return value === '' ? '' : `${oneLine(label ?? name)}: ${value}`;
  }
}

function isChosen({ attributes }: XmlElement): boolean {
  const state = attributes['form:current-state'] ?? attributes['form:state'];
  const selected = attributes['form:current-selected'] ?? attributes['form:selected'];
  return state === 'checked' || selected === 'true';
}

function readValue(field: XmlElement): string {
  if (/^form:(?:button|image|hidden|password|frame|grid|file)$/.test(field.name)) return '';
  if (field.name === 'form:listbox')
    return elements(field, 'form:option')
      .filter(isChosen)
      .map((option) => option.attributes['form:label'] ?? readText(option))
      .join(', ');
  return field.attributes['form:current-value'] ?? field.attributes['form:value'] ?? '';
}

/** A form field of Word that was saved as OpenDocument: `[x]`, or the chosen entry of a list. */
export function fieldMarkText(mark: XmlElement): string {
  const kind = /FORM(?:CHECKBOX|DROPDOWN)$/.exec(mark.attributes['field:type'] ?? '')?.[0];
  const values = (name: string): string[] =>
    elements(mark, 'field:param')
      .filter(({ attributes }) => attributes['field:name'] === name)
      .map(({ attributes }) => attributes['field:value'] ?? '');
  if (kind === 'FORMCHECKBOX') return values('Checkbox_Checked')[0] === 'true' ? '[x]' : '[ ]';
  if (kind !== 'FORMDROPDOWN') return '';
  return values('Dropdown_ListEntry')[Number(values('Dropdown_Selected')[0] ?? 0)] ?? '';
}

/** The state of a check box of Word, '' for the hint of an empty field; null for controls that show their text. */
export function contentControlText(attributes: Record<string, string>): string | null {
  if (attributes['loext:checkbox'] === 'true') return attributes['loext:checked'] === 'true' ? '[x]' : '[ ]';
  return attributes['loext:showing-place-holder'] === 'true' ? '' : null;
}
