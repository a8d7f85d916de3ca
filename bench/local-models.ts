import { LocalModels } from '../src/platform/models/local-models.js';
import { openModelFolder } from '../src/platform/models/model-folder.js';
import { cpuMs, programsBelow } from './process-cost.js';
import { median, type Report } from './report.js';

/**
 * Limits for the cost of a question at rest on two cores; `docs/benchmarks/cost.md` says where each comes
 * from.
 */
const aims = { questionMs: 15, fivePassagesMs: 300, fortySentencesMs: 200, childMb: 350 };

const subjects = ['the annual leave', 'a broken laptop', 'the emergency exit', 'the delivery of spare parts'];
const askAbout = (at: number): string =>
  `What do I have to know about ${subjects[at % subjects.length]} in room ${at}, and whom do I ask?`;
const sentence = 'Whoever needs it writes to the team in charge, which answers within two working days. ';
const writePassage = (at: number): string =>
  `${subjects[at % subjects.length]}, ${at}. ${sentence.repeat(9)}`;

/**
 * A question embedded, five passages read with it, their sentences compared with it, and the memory of the
 * process that does this.
 */
export async function localModels(
  report: Report,
  { rounds, asked }: { rounds: number; asked: number },
): Promise<void> {
  const embedder = openModelFolder('models/multilingual-e5-small-int8');
  const reader = openModelFolder('models/reader-small-int8').directory;
  const matcher = openModelFolder('models/all-minilm-l6-v2-int8').directory;
  const models = new LocalModels({
    models: { embedder, reader, matcher, reranker: null, threads: 1 },
    memoryMb: 2048,
    parallel: 2,
    idleMs: 0,
  });
  // the process of the models keeps no other alive
  const alive = setInterval(() => undefined, 60_000);
  await models.warm();
  const findChild = () =>
    programsBelow(process.pid)
      .filter((one) => one.pid !== process.pid)
      .toSorted((left, right) => right.mb - left.mb)[0];
  const pid = findChild()?.pid ?? process.pid;
  const embed = (at: number) => models.ask({ type: 'embed', texts: [askAbout(at)], role: 'query' }, 'urgent');
  const readFive = (at: number) =>
    Promise.all(
      [1, 2, 3, 4, 5].map((place) => {
        const passage = { heading: 'House rules', content: writePassage(5 * at + place) };
        return models.ask({ type: 'read', question: askAbout(at), passage }, 'urgent');
      }),
    );
  const compareForty = (at: number) =>
    Promise.all(
      [1, 2, 3, 4, 5].map((place) => {
        const texts = Array.from(
          { length: 8 },
          () => `House rules: ${subjects[(at + place) % 4]}. ${sentence}`,
        );
        return models.ask({ type: 'match', question: askAbout(at), texts }, 'urgent');
      }),
    );
  const embedded = { cpu: [] as number[], wall: [] as number[] };
  const read = { cpu: [] as number[], wall: [] as number[] };
  const compared = { cpu: [] as number[], wall: [] as number[] };
  try {
    for (let round = 0; round < rounds; round++) {
      await take(embedded, asked, embed);
      await take(read, Math.ceil(asked / 10), readFive);
      await take(compared, Math.ceil(asked / 10), compareForty);
    }
    const mb = findChild()?.mb ?? 0;
    report.note('models', {
      'question embedded ms': median(embedded.wall),
      'five passages read ms': median(read.wall),
      'forty sentences compared ms': median(compared.wall),
    });
    const rows = [
      ['question embedded, CPU', 'CPU ms', median(embedded.cpu), aims.questionMs],
      ['five passages read, CPU', 'CPU ms', median(read.cpu), aims.fivePassagesMs],
      ['forty sentences compared, CPU', 'CPU ms', median(compared.cpu), aims.fortySentencesMs],
      ['process of the models', 'MB', mb, aims.childMb],
    ] as const;
    for (const [name, unit, own, limit] of rows)
      report.add({
        scenario: 'models',
        name,
        unit,
        own,
        beside: 'the aim',
        limit,
        ratio: limit / own,
        goal: 1,
      });
  } finally {
    await models.close();
    clearInterval(alive);
  }

  async function take(
    into: { cpu: number[]; wall: number[] },
    count: number,
    work: (at: number) => Promise<unknown>,
  ): Promise<void> {
    const [cpu, begun] = [cpuMs(pid), performance.now()];
    for (let at = 0; at < count; at++) await work(at);
    into.cpu.push((cpuMs(pid) - cpu) / count);
    into.wall.push((performance.now() - begun) / count);
  }
}
