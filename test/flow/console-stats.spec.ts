import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { bootApp, type TestApp } from '../app.js';

interface Figures {
  counts: [string, string][];
  queues: string[][];
  lastHour: string[][];
}
interface StatsModule {
  figuresOf(stats: unknown): Figures;
}

describe('the activity on the console', () => {
  let app: TestApp;
  let console: StatsModule;
  const shown = async () => console.figuresOf((await app.call('GET', '/agent/stats')).body);
  beforeAll(async () => {
    app = await bootApp();
    // a script of the page, which no TypeScript knows
    console = (await import(
      pathToFileURL(resolve('src/features/console/public/stats.js')).href
    )) as StatsModule;
  }, 180_000);
  afterAll(() => app.close());

  it('is nothing where nothing has been done', async () => {
    const { counts, queues, lastHour } = await shown();
    expect(Object.fromEntries(counts)).toEqual({
      Documents: '0',
      'Document sets': '0',
      Passages: '0',
      Originals: '0 kB',
      'Cache hits': 'not asked yet',
    });
    expect([queues, lastHour]).toEqual([[], []]);
  });

  it('is everything that `/agent/stats` says of documents, queues, the last hour and the cache', async () => {
    const files = [
      { filename: 'leave.md', content: '# Leave\n\nEvery employee has 27 days of leave.' },
      { filename: 'broken.json', content: '{' },
    ];
    const { task_id } = (await app.call<{ task_id: string }>('POST', '/agent/ingest', { files })).body;
    await app.call('GET', `/agent/status/${task_id}?wait=30`);
    for (let times = 0; times < 2; times++)
      await app.call('POST', '/agent/search', { prompt: 'days of leave' });
    const { counts, queues, lastHour } = await shown();
    expect(Object.fromEntries(counts)).toEqual({
      Documents: '2: 1 ready, 1 failed',
      'Document sets': '1',
      Passages: '1',
      Originals: '1 kB',
      'Cache hits': expect.stringMatching(/^\d+ % of \d+ look-ups$/),
    });
    expect(queues).toEqual([['ingestion', '0', '0', '–', '1']]);
    const duration = expect.stringMatching(/^[\d.]+ m?s$/);
    expect(lastHour).toEqual([['Ingestion', '1', '1', duration, duration, duration]]);
  });
});
