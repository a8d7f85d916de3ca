/** A line of iCalendar or vCard: `DTSTART;TZID=Europe/Vienna:20250324T100000`. */
export interface ContentLine {
  /** Upper case, without the group of an address book (`item1.`). */
  name: string;
  /** `;TZID=Europe/Vienna`, or empty. */
  parameters: string;
  value: string;
}

/** Longest line that is looked into: pictures in address books are longer. */
const maxLine = 20_000;

/** The lines of a text with the ones put together that go on in the next (RFC 5545, RFC 6350, vCard 2.1). */
export function* contentLines(text: string): Generator<ContentLine> {
  const whole = text.replace(/\r\n?/g, '\n').replace(/\n[ \t]/g, '');
  let before = '';
  for (const piece of whole.split('\n')) {
    const line = before + piece;
    // quoted-printable has a sign of its own for a line that goes on
    const goesOn =
      line.endsWith('=') && line.length < maxLine && /QUOTED-PRINTABLE/i.test(line.slice(0, 200));
    before = goesOn ? line.slice(0, -1) : '';
    if (goesOn) continue;
    const match =
      /^(?:[\w-]{1,40}\.)?([A-Z-]{1,40})((?:;[^:"]{0,500}(?:"[^"]{0,500}"[^:"]{0,500})*)?):(.*)$/i.exec(
        line.slice(0, maxLine),
      );
    if (match)
      yield { name: (match[1] ?? '').toUpperCase(), parameters: match[2] ?? '', value: match[3] ?? '' };
  }
}

/** A parameter by its name, without quotes; empty if it is not there. */
export function parameter({ parameters }: ContentLine, name: string): string {
  const found = new RegExp(`;${name}=("[^"]*"|[^;]*)`, 'i').exec(parameters)?.[1] ?? '';
  return found.replaceAll('"', '').trim();
}

/** A value with its escaped signs; line breaks become blanks. */
export function plainValue(value: string): string {
  return value.replace(/\\n/gi, ' ').replace(/\\(.)/g, '$1');
}
