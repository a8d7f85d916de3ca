import type { MapiProperties, NamedProperty } from './mapi.js';
import { property } from './mapi.js';

/** The bytes of the identifier of a set of properties, as files hold them. */
const propertySet = {
  appointment: '0220060000000000c000000000000046',
  task: '0320060000000000c000000000000046',
  address: '0420060000000000c000000000000046',
} as const;
const named = {
  start: { set: propertySet.appointment, id: 0x820d },
  end: { set: propertySet.appointment, id: 0x820e },
  place: { set: propertySet.appointment, id: 0x8208 },
  due: { set: propertySet.task, id: 0x8105 },
  email: { set: propertySet.address, id: 0x8083 },
} as const satisfies Record<string, NamedProperty>;

/** The fields of appointments, tasks and contacts, a line for each; empty for mails. */
export function itemFields(properties: MapiProperties): string {
  const kind = properties.text(property.messageClass).toLowerCase();
  if (/^ipm\.(?:appointment|schedule\.meeting)/.test(kind))
    return lines([
      ['Start', timeText(properties, named.start)],
      ['End', timeText(properties, named.end)],
      ['Place', properties.textOf(properties.getNamed(named.place))],
    ]);
  if (kind.startsWith('ipm.task')) return lines([['Due', timeText(properties, named.due).slice(0, 10)]]);
  if (kind.startsWith('ipm.contact'))
    return lines([
      ['Name', properties.text(property.displayName)],
      ['Company', properties.text(property.companyName)],
      ['Title', properties.text(property.jobTitle)],
      ['Email', properties.textOf(properties.getNamed(named.email))],
      ['Business phone', properties.text(property.businessPhone)],
      ['Mobile phone', properties.text(property.mobilePhone)],
      ['Home phone', properties.text(property.homePhone)],
    ]);
  return '';
}

function lines(fields: [label: string, text: string][]): string {
  return fields
    .flatMap(([label, text]) => (text.trim() === '' ? [] : [`${label}: ${text.trim()}`]))
    .join('\n');
}

/** `2025-03-24 10:00 UTC`. */
function timeText(properties: MapiProperties, name: NamedProperty): string {
  const time = properties.time(properties.getNamed(name));
  return time === '' ? '' : `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
