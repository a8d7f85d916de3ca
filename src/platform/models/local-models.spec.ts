import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Problem } from '../../common/errors.js';
import { settings } from '../../config/settings.js';
import { LocalReader } from '../reader/local.js';
import { LocalModels } from './local-models.js';
import { TextEncoder } from './text-encoder.js';

const embedderDirectory = settings.EMBEDDING_MODEL_DIR.parse(undefined);
const readerDirectory = settings.READER_MODEL_DIR.parse(undefined);
const matcherDirectory = settings.MATCHER_MODEL_DIR.parse(undefined);
const embedder = { directory: embedderDirectory, queryPrefix: 'query: ', passagePrefix: 'passage: ' };

const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

describe('the tokens of a text', () => {
  const encoder = new TextEncoder(readerDirectory);

  it.each([
    'The fuser is hot: do not touch the marked area.',
    'Grüße aus Köln – 30 % mehr, „gut“',
    'soft\u00adhyphen, zero\u200bwidth, ﬁne ligature, Ⅳ and ½',
    '本馆周一至周五八点开放\n\n| a | b |',
    'emoji 👩‍👩‍👧 and ｆｕｌｌ ｗｉｄｔｈ',
  ])('are those of the whole text, each in its place: %s', (text) => {
    const placed = encoder.placed(text);
    expect(placed.ids).toEqual(encoder.plain(text));
    for (const [at, start] of placed.starts.entries()) {
      const end = placed.ends[at] ?? 0;
      expect(end).toBeGreaterThanOrEqual(start);
      expect(text.slice(start, end)).not.toMatch(/^\s|\s$/);
    }
    expect(text.slice(placed.starts[0], placed.ends[0])).toBe(text.slice(0, placed.ends[0]));
  });
});

describe('local models', () => {
  let models: LocalModels;

  beforeAll(async () => {
    models = new LocalModels({
      models: { embedder, reader: readerDirectory, matcher: matcherDirectory, reranker: null, threads: 1 },
      memoryMb: 2048,
      parallel: 2,
      idleMs: 0,
      restartMs: 50,
    });
    await models.warm();
  });
  afterAll(() => models.close());

  it('put a question nearer to the passage that answers it than to another', async () => {
    const [question] = await models.ask(
      { type: 'embed', texts: ['Wie viele Urlaubstage gibt es?'], role: 'query' },
      'urgent',
    );
    const [right, wrong] = await models.ask(
      {
        type: 'embed',
        texts: [
          'Everyone has a right to 27 days of paid leave a year.',
          'The printer is on the second floor.',
        ],
        role: 'passage',
      },
      'bulk',
    );
    if (!question || !right || !wrong) throw new Error('a vector is missing');
    expect(dot(question, question)).toBeCloseTo(1, 5);
    expect(dot(question, right)).toBeGreaterThan(dot(question, wrong) + 0.03);
  });

  it.each(['embed', 'encode'] as const)(
    'give a text the same vector whatever comes with it: %s',
    async (type) => {
      const texts = ['It costs 320 EUR.', 'Bicycles stand in the yard behind the gate.', 'Printer'];
      const ask = (some: string[]) => models.ask({ type, texts: some, role: 'passage' }, 'bulk');
      const [alone] = await ask(texts.slice(0, 1));
      const [first] = await ask(texts);
      const [, , last] = await ask(texts.toReversed());
      expect(first).toEqual(alone);
      expect(last).toEqual(alone);
    },
  );

  it('mark the answer in the passage that has it, and score a passage without an answer lower', async () => {
    const reader = new LocalReader(models);
    const content =
      'The cover is at the back.  “Größe” is 3 cm. The switch-off time is 15 minutes – not more.';
    const [right, wrong] = await reader.read('How long is the switch-off time?', [
      { heading: 'Printer', content },
      { heading: null, content: 'Leave is 25 days a year for everyone.' },
    ]);
    if (!right || !wrong) throw new Error('a reading is missing');
    expect(content.slice(right.start, right.end)).toBe('15 minutes');
    expect(right.relevance).toBeGreaterThan(wrong.relevance);
    expect(right.margin).toBeGreaterThan(wrong.margin);
  });

  it('find the sentence that means the same in other words, in the languages of the matcher', async () => {
    const reader = new LocalReader(models, ['en']);
    const texts = [
      'The notice period is two months to the end of a month.',
      'Everyone is entitled to 27 days of annual leave.',
      'The canteen closes at two.',
    ];
    const cosines = await reader.match('How many vacation days do I get?', texts);
    expect(cosines?.indexOf(Math.max(...cosines))).toBe(1);
    expect(['en', 'de', null].map((language) => reader.knows(language))).toEqual([true, false, true]);
    expect(await new LocalReader(models).match('How many vacation days do I get?', texts)).toBeNull();
  });

  it('find an answer beyond the length that the model reads at once', async () => {
    const filler = 'Nothing of interest is said in this sentence about gardens. '.repeat(60);
    const content = `${filler}The access code of the archive is 7741. ${filler}`;
    const [reading] = await new LocalReader(models).read('What is the access code of the archive?', [
      { heading: null, content },
    ]);
    expect(content.slice(reading?.start, reading?.end)).toContain('7741');
    const best = reading?.begins.toSorted((left, right) => right.margin - left.margin)[0];
    expect(best).toEqual({ at: reading?.start, margin: reading?.margin });
  });

  it('answer a question while passages wait, and leave out what is cancelled', async () => {
    const order: string[] = [];
    const text = 'A passage of some length about nothing at all. '.repeat(20);
    const stop = new AbortController();
    const passages = Array.from({ length: 6 }, (_unused, at) =>
      models
        .ask(
          { type: 'embed', texts: [`${at} ${text}`], role: 'passage' },
          'bulk',
          at === 5 ? stop.signal : undefined,
        )
        .then(() => order.push('passage')),
    );
    stop.abort(new Problem('cancelled'));
    await models.ask({ type: 'embed', texts: ['a question'], role: 'query' }, 'urgent');
    order.push('question');
    const ends = await Promise.allSettled(passages);
    expect(ends.map(({ status }) => status)).toEqual([...Array<string>(5).fill('fulfilled'), 'rejected']);
    expect(order.indexOf('question')).toBeLessThanOrEqual(1);
  });

  it('start again when their process dies: questions fail at once, passages wait', async () => {
    const { pid } = models;
    if (pid === undefined) throw new Error('the models do not run');
    const passage = models.ask({ type: 'embed', texts: ['x '.repeat(300)], role: 'passage' }, 'bulk');
    process.kill(pid, 'SIGKILL');
    const [vector] = await passage;
    expect(vector?.length).toBe(384);
    expect(models.pid).not.toBe(pid);
  });
});

describe('models without work', () => {
  it('free their memory, and the next question starts them again', async () => {
    const models = new LocalModels({
      models: {
        embedder: null,
        reader: readerDirectory,
        matcher: matcherDirectory,
        reranker: null,
        threads: 1,
      },
      memoryMb: 2048,
      parallel: 1,
      idleMs: 20,
    });
    expect([models.pid, models.problem]).toEqual([undefined, null]);
    const read = () => new LocalReader(models).read('What is it?', [{ heading: null, content: 'It is 7.' }]);
    const started = models.warm();
    await expect(read()).resolves.toEqual([expect.objectContaining({ start: expect.any(Number) })]);
    await started;
    while (models.pid !== undefined) await setImmediate();
    expect(models.problem).toBeNull();
    await expect(read()).resolves.toEqual([expect.objectContaining({ start: expect.any(Number) })]);
    await models.close();
  });
});

describe('models that cannot be loaded', () => {
  it('are reported once, and no request waits for them', async () => {
    const models = new LocalModels({
      models: { embedder: null, reader: embedderDirectory, matcher: null, reranker: null, threads: 1 },
      memoryMb: 2048,
      parallel: 1,
      idleMs: 0,
    });
    await models.warm();
    expect(models.isUnusable).toBe(true);
    await expect(new LocalReader(models).read('?', [{ heading: null, content: 'a' }])).resolves.toEqual([
      null,
    ]);
    await models.close();
  });
});
