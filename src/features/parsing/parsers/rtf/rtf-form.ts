/** The form field (`\formfield`) of an instruction, as its control words describe it. */
export class RtfForm {
  private kind = 0;
  private result: number | null = null;
  private byDefault = 0;
  private readonly entries: string[] = [];

  /** A control word in the description of the field. */
  define(word: string, value: number | null): void {
    if (word === 'fftype') this.kind = value ?? 0;
    // 25 means: no result yet
    else if (word === 'ffres') this.result = value === 25 ? null : value;
    else if (word === 'ffdefres') this.byDefault = value ?? 0;
  }

  addEntry(text: string): void {
    if (this.entries.length < 1_000) this.entries.push(text.trim());
  }

  /** A check box or the chosen entry of a list; '' for text, which is the result of its instruction. */
  text(): string {
    const state = this.result ?? this.byDefault;
    if (this.kind === 1) return state === 1 ? '[x]' : '[ ]';
    return this.kind === 2 ? (this.entries[state] ?? '') : '';
  }
}
