import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';

const faults = `# Controller faults

## E-1042 Encoder signal lost

The drive stops. Check connector X7 and replace the encoder cable if the shield is broken.

## E-1024 Brake resistor too hot

Let the drive cool for 20 minutes, then clear the fault with the reset key.
`;
const minutes = `# Works council minutes

## Meeting of 14.03.2025

It was decided that the new shift plan starts on 1 April.

## Meeting of 2025-04-11

It was decided that the canteen is closed for renovation in the first week of June.

## Meeting of 9 May 2025

It was decided that the bicycle leasing contract is extended to 36 months.
`;
const stock = `# Stock list

Pump PX 0200 stands in hall four. Its price is 12,500 EUR. The licence key is AB7731-XY.
`;
const edition = (date: string, amount: number, more = '') =>
  `# Travel allowance, edition of ${date}\n\n${more}The meal allowance is ${amount} EUR a day.\n`;

describe('words as people use them', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await bootApp();
    await app.uploaded({ 'faults.md': faults }, { document_set: 'faults' });
    await app.uploaded({ 'minutes.md': minutes, 'stock.md': stock }, { document_set: 'office' });
    const long = 'This edition replaces all earlier ones and holds for staff and for trainees alike. ';
    await app.uploaded(
      {
        'allowance-a.md': edition('1 January 2025', 28, long),
        'allowance-b.md': edition('1 January 2022', 24),
        'allowance-c.md': edition('1 January 2023', 25),
      },
      { document_set: 'travel' },
    );
  }, 120_000);
  afterAll(() => app.close());

  const first = async (prompt: string, set: string): Promise<string> =>
    (await app.search(prompt, { document_set: set })).results[0]?.content ?? '';

  it.each(['E-1042', 'E1042', 'e 1042', 'E-01042', 'e1042'])('finds a code written as %s', async (code) => {
    expect(await first(`what does fault ${code} mean`, 'faults')).toContain('connector X7');
  });

  it.each(['How do I clear fault E-1043?', 'How do I clear fault 1043?', 'fault E 1043'])(
    'does not answer from a similar code: %s',
    async (prompt) => {
      expect((await app.search(prompt, { document_set: 'faults' })).answered).toBe(false);
    },
  );

  it('finds codes that the document writes apart or with zeros', async () => {
    for (const code of ['PX-200', 'PX0200', 'px 200', 'AB-7731-XY', 'ab7731xy'])
      expect(await first(`where is ${code}?`, 'office')).toContain('hall four');
  });

  it.each([
    ['11 April 2025', 'canteen'],
    ['April 11th, 2025', 'canteen'],
    ['14 March 2025', 'shift plan'],
    ['09.05.2025', 'bicycle'],
    ['2025-05-09', 'bicycle'],
  ])('finds the meeting of %s', async (date, topic) => {
    expect(await first(`What was decided on ${date}?`, 'office')).toContain(topic);
  });

  it('finds numbers in another spelling', async () => {
    expect(await first('what costs 12500 euros', 'office')).toContain('PX 0200');
    expect(await first('what stands in hall 4', 'office')).toContain('PX 0200');
  });

  it('puts the newest edition first unless the question names a time', async () => {
    expect(await first('What is the meal allowance?', 'travel')).toContain('28 EUR');
    expect(await first('What is the current meal allowance?', 'travel')).toContain('28 EUR');
    expect(await first('What was the meal allowance in 2023?', 'travel')).toContain('25 EUR');
  });

  it('ranks passages for a chatty question as for the plain one', async () => {
    const ids = async (prompt: string) =>
      (await app.search(prompt, { document_set: 'travel' })).results.map(({ id, score }) => [id, score]);
    expect(await ids('hey, can you tell me what the meal allowance is? thanks')).toEqual(
      await ids('what the meal allowance is?'),
    );
  });
});
