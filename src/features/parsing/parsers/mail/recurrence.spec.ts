import { describe, expect, it } from '@jest/globals';
import { recurrenceText } from './recurrence.js';

describe('a rule of a calendar', () => {
  it.each([
    ['FREQ=DAILY', 'every day'],
    ['FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU', 'every 2 weeks on Monday, Wednesday'],
    ['FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20310601', 'every month on last Friday until <20310601>'],
    ['FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=3,17;COUNT=4', 'every year in May on day 3, 17 (4 times)'],
  ])('%s is said in words', (rule, words) => {
    expect(recurrenceText(rule, (date) => `<${date}>`)).toBe(words);
  });

  it.each(['FREQ=HOURLY', 'FREQ=MONTHLY;BYSETPOS=2;BYDAY=MO', 'FREQ=WEEKLY;BYDAY=XX', 'often'])(
    '%s stays as it is',
    (rule) => {
      expect(recurrenceText(rule, (date) => date)).toBe(rule);
    },
  );
});
