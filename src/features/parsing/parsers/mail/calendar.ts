import { oneLine } from '../shared/markdown-text.js';
import { contentLines, parameter, plainValue, type ContentLine } from './content-lines.js';
import { recurrenceText } from './recurrence.js';

const shownFields = new Map([
  ['DTSTART', 'Start'],
  ['DTEND', 'End'],
  ['DUE', 'Due'],
  ['COMPLETED', 'Completed'],
  ['LOCATION', 'Place'],
  ['ORGANIZER', 'Organizer'],
  ['ATTENDEE', 'Attendee'],
  ['RRULE', 'Repeats'],
  ['EXDATE', 'Except'],
  ['STATUS', 'Status'],
  ['CATEGORIES', 'Categories'],
  ['URL', 'Link'],
  ['DESCRIPTION', 'Description'],
]);
/** Lines of one invitation that stand in a mail. */
const maxLines = 500;

export interface CalendarEntry {
  title: string;
  /** `Start: 2025-03-24 10:00 (Europe/Vienna)`. */
  fields: string[];
}

/** The events, tasks and notes of a calendar (iCalendar), and the name of the calendar. */
export function readCalendar(text: string): { name: string; entries: CalendarEntry[] } {
  const entries: CalendarEntry[] = [];
  let name = '';
  let open: CalendarEntry | null = null;
  let start = '';
  /** Alarms and the like within an entry, whose fields are not those of the entry. */
  let inner = 0;
  for (const line of contentLines(text)) {
    const isEntry = /^V(?:EVENT|TODO|JOURNAL)$/i.test(line.value.trim());
    if (line.name === 'BEGIN' && !open && isEntry) {
      open = { title: '', fields: [] };
      start = '';
    } else if (line.name === 'BEGIN' && open) inner++;
    else if (line.name === 'END' && inner > 0) inner--;
    else if (line.name === 'END' && open && isEntry) {
      entries.push(open);
      open = null;
    } else if (!open && /^(?:X-WR-CALNAME|NAME)$/.test(line.name)) name ||= oneLine(plainValue(line.value));
    else if (open && inner === 0) {
      if (line.name === 'DTSTART') start = line.value.trim();
      if (line.name === 'SUMMARY') open.title ||= oneLine(plainValue(line.value));
      const field = fieldText(line, start);
      // that an event does not take place comes first
      if (line.name === 'STATUS' && field !== '') open.fields.unshift(field);
      else if (field !== '') open.fields.push(field);
    }
  }
  return { name, entries };
}

/** The events and tasks of an invitation, a line for each field. */
export function eventText(calendar: string): string {
  return readCalendar(calendar)
    .entries.flatMap(({ title, fields }) => [...(title === '' ? [] : [`Event: ${title}`]), ...fields])
    .slice(0, maxLines)
    .join('\n');
}

function fieldText(line: ContentLine, start: string): string {
  const label = shownFields.get(line.name);
  if (label === undefined) return '';
  const text = shown(line, start);
  return text === '' ? '' : `${label}: ${text}`;
}

function shown(line: ContentLine, start: string): string {
  const { name, value } = line;
  const zone = parameter(line, 'TZID');
  if (/^(?:DT|DUE|COMPLETED)/.test(name)) {
    const date = name === 'DTEND' ? lastDay(value.trim(), start) : dateText(value);
    return date === '' || zone === '' ? date : `${date} (${zone})`;
  }
  if (name === 'RRULE') return recurrenceText(value, dateText);
  if (name === 'EXDATE') return value.split(',').slice(0, 50).map(dateText).join(', ');
  if (name === 'STATUS') return /^(?:CONFIRMED)$/i.test(value.trim()) ? '' : value.trim().toLowerCase();
  const common = parameter(line, 'CN');
  const text = plainValue(value.replace(/^mailto:/i, ''));
  return oneLine(common !== '' && common !== text ? `${common} <${text}>` : text);
}

/** An event of whole days ends at the beginning of the next day: the last day is what its reader sees. */
function lastDay(end: string, start: string): string {
  const days = /^(\d{4})(\d\d)(\d\d)$/.exec(end);
  if (!days) return dateText(end);
  const last = new Date(Date.UTC(Number(days[1]), Number(days[2]) - 1, Number(days[3]) - 1));
  const text = Number.isNaN(last.getTime()) ? '' : last.toISOString().slice(0, 10);
  return text === dateText(start) ? '' : text;
}

/** `20250324T100000Z` as `2025-03-24 10:00 UTC`. */
function dateText(value: string): string {
  const match = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)\d\d(Z)?)?$/.exec(value.trim());
  if (!match) return value;
  const [, year, month, day, hour, minute, utc] = match;
  return `${year}-${month}-${day}${hour ? ` ${hour}:${minute}` : ''}${utc ? ' UTC' : ''}`;
}
