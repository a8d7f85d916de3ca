import { oneLine } from '../shared/markdown-text.js';

const shownFields = new Map([
  ['SUMMARY', 'Event'],
  ['DTSTART', 'Start'],
  ['DTEND', 'End'],
  ['DUE', 'Due'],
  ['LOCATION', 'Place'],
  ['ORGANIZER', 'Organizer'],
  ['ATTENDEE', 'Attendee'],
  ['RRULE', 'Repeats'],
  ['DESCRIPTION', 'Description'],
]);
const maxLines = 500;

/** The events and tasks of an invitation (iCalendar), a line for each field. */
export function eventText(calendar: string): string {
  const lines: string[] = [];
  let inside = 0;
  for (const line of calendar.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    if (/^BEGIN:V(?:EVENT|TODO)/i.test(line)) inside++;
    else if (/^END:V(?:EVENT|TODO)/i.test(line)) inside--;
    const [, name = '', parameters = '', value = ''] =
      /^([A-Z-]{1,40})((?:;[^:]{0,500})?):(.*)$/i.exec(line) ?? [];
    const label = inside > 0 ? shownFields.get(name.toUpperCase()) : undefined;
    if (label !== undefined && lines.length < maxLines)
      lines.push(`${label}: ${shown(name, parameters, value)}`);
  }
  return lines.join('\n');
}

function shown(name: string, parameters: string, value: string): string {
  const zone = /;TZID=([^;:]+)/i.exec(parameters)?.[1];
  if (/^(?:DT|DUE)/i.test(name)) return `${dateText(value)}${zone ? ` (${zone})` : ''}`;
  const common = /;CN="?([^;":]+)/i.exec(parameters)?.[1];
  const text = value
    .replace(/^mailto:/i, '')
    .replace(/\\n/gi, ' ')
    .replace(/\\(.)/g, '$1');
  return oneLine(common && common !== text ? `${common} <${text}>` : text);
}

/** `20250324T100000Z` as `2025-03-24 10:00 UTC`. */
function dateText(value: string): string {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z)?)?$/.exec(value.trim());
  if (!match) return value;
  const [, year, month, day, hour, minute, utc] = match;
  return `${year}-${month}-${day}${hour ? ` ${hour}:${minute}` : ''}${utc ? ' UTC' : ''}`;
}
