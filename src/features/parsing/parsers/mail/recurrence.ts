const units = new Map([
  ['DAILY', 'day'],
  ['WEEKLY', 'week'],
  ['MONTHLY', 'month'],
  ['YEARLY', 'year'],
]);
const days = new Map([
  ['MO', 'Monday'],
  ['TU', 'Tuesday'],
  ['WE', 'Wednesday'],
  ['TH', 'Thursday'],
  ['FR', 'Friday'],
  ['SA', 'Saturday'],
  ['SU', 'Sunday'],
]);
const ordinals = new Map([
  ['1', 'first '],
  ['2', 'second '],
  ['3', 'third '],
  ['4', 'fourth '],
  ['5', 'fifth '],
  ['-1', 'last '],
]);
const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

/**
 * A rule of a calendar (`FREQ=WEEKLY;BYDAY=MO`) in words: `every week on Monday`. A rule with a part that has
 * no words here stays as it is.
 * @param dateText how a date is written
 */
export function recurrenceText(rule: string, dateText: (value: string) => string): string {
  const parts = new Map(
    rule
      .trim()
      .slice(0, 500)
      .split(';')
      .map((part): [string, string] => {
        const [name = '', value = ''] = part.split('=');
        return [name.toUpperCase(), value];
      }),
  );
  const unit = units.get(parts.get('FREQ')?.toUpperCase() ?? '');
  if (unit === undefined) return rule;
  const interval = Number(parts.get('INTERVAL') ?? 1);
  const words = [interval > 1 ? `every ${interval} ${unit}s` : `every ${unit}`];
  for (const [name, value] of parts) {
    const text = partText(name, value, dateText);
    if (text === null) return rule;
    words.push(text);
  }
  return words.filter(Boolean).join(' ');
}

/** '' for a part that is said elsewhere, null for one without words. */
function partText(name: string, value: string, dateText: (value: string) => string): string | null {
  switch (name) {
    case '':
    case 'FREQ':
    case 'INTERVAL':
    case 'WKST':
      return '';
    case 'COUNT':
      return `(${value} times)`;
    case 'UNTIL':
      return `until ${dateText(value)}`;
    case 'BYMONTHDAY':
      return /^\d[\d,]*$/.test(value) ? `on day ${value.replaceAll(',', ', ')}` : null;
    case 'BYMONTH':
      return list(value, (month) => months[Number(month) - 1], 'in');
    case 'BYDAY':
      return list(value, dayName, 'on');
    default:
      return null;
  }
}

function dayName(day: string): string | undefined {
  const match = /^([+-]?\d)?([A-Z]{2})$/i.exec(day.trim());
  const name = days.get(match?.[2]?.toUpperCase() ?? '');
  const ordinal = match?.[1] === undefined ? '' : ordinals.get(match[1].replace('+', ''));
  return name === undefined || ordinal === undefined ? undefined : `${ordinal}${name}`;
}

function list(value: string, word: (one: string) => string | undefined, before: string): string | null {
  const words = value.split(',').map(word);
  return words.every((one) => one !== undefined) ? `${before} ${words.join(', ')}` : null;
}
