#!/usr/bin/env node
// Fits the regressions that choose the answer and decides what counts
// as answered, and writes src/features/answers/finding/weights.json.
//   node scripts/train-answers.mjs --from hybrid.json[,more.json] --words keyword.json[,more.json]
//     --few hybrid.json[,…] --few-words keyword.json[,…] [--keep] [--depth 16] [--dry] [--types] [--failures]
// `--few`: the same for questions about short documents, each in a set of its own, with `file`. `--keep` fits only
// the regression for these and keeps the others.
// Candidates: a list of `{ collection, question, query, answerable, gold, passage, hits: [{ content, heading,
// title, filename, language, cosine, window, reading, similar }] }`, the first sixteen hits of each question: of a hybrid
// search for the modes with vectors, of a keyword search for those without. Figures are of collections that
// the regressions were not fitted to.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { assess, figures, prepare, train, trainFew } from './answers/fit.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const given = process.argv.slice(2);
const option = (name) => (given.includes(name) ? given[given.indexOf(name) + 1] : undefined);
const [from, words] = [option('--from'), option('--words')];
const [fewFrom, fewWords] = [option('--few'), option('--few-words')];
const keep = given.includes('--keep');
const depth = Number(option('--depth') ?? 16);
if ((!keep && (!from || !words)) || !fewFrom || !fewWords) {
  console.error(
    'usage: train-answers.mjs --from hybrid.json[,…] --words keyword.json[,…] --few hybrid.json[,…] --few-words keyword.json[,…] [--keep] [--depth 16] [--dry]',
  );
  process.exit(2);
}

const finding = {};
for (const name of ['asked', 'evidence', 'growth', 'wording', 'finder', 'regression'])
  Object.assign(
    finding,
    await import(
      pathToFileURL(
        join(
          process.env.ANSWERS_CODE ?? join(root, 'dist/features/answers/finding'),
          `${name}.${process.env.ANSWERS_CODE ? 'ts' : 'js'}`,
        ),
      )
    ),
  );

const load = (files) =>
  prepare(
    files.split(',').flatMap((file) => JSON.parse(readFileSync(file, 'utf8'))),
    finding,
    depth,
  );
const path = join(root, 'src/features/answers/finding/weights.json');
const withVectors = keep ? [] : load(from);
const byWords = keep ? [] : load(words);
const shortWithVectors = load(fewFrom);
const shortByWords = load(fewWords);
const collections = [...new Set(withVectors.map(({ collection }) => collection))];
/**
 * `falseShare`: the share of the unanswerable questions that may be answered. Words alone tell them apart less
 * well; with all signals, fewer false answers cost hardly a right one. `laterFalseShare`: the same for later
 * questions of a conversation.
 */
const modes = {
  words: { cosine: false, reader: false, falseShare: 0.33, data: byWords },
  cosine: { cosine: true, reader: false, falseShare: 0.33, data: withVectors },
  reader: { cosine: false, reader: true, falseShare: 0.2, data: byWords },
  all: { cosine: true, reader: true, falseShare: 0.12, data: withVectors },
  readerMatched: { cosine: false, reader: true, matcher: true, falseShare: 0.2, data: byWords },
  allMatched: {
    cosine: true,
    reader: true,
    matcher: true,
    falseShare: 0.17,
    laterFalseShare: 0.105,
    data: withVectors,
  },
  windowed: { cosine: true, windows: true, reader: false, falseShare: 0.33, data: withVectors },
  allWindowed: {
    cosine: true,
    windows: true,
    reader: true,
    matcher: true,
    falseShare: 0.17,
    laterFalseShare: 0.105,
    data: withVectors,
  },
};

/** Trains a mode; with a reader, first what chooses the passages that it reads. */
function trainMode(some, mode) {
  if (!mode.reader) return { judges: train(some, finding, mode), first: null };
  const before = train(some, finding, { ...mode, reader: false, matcher: false });
  const judges = train(some, finding, mode, (fold) => before.passageBy[fold]);
  return { judges, first: before.passage };
}

/** Log odds below which a share of the values lies, between two of them in proportion. */
const quantile = (values, share) => {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)];
  return below + (place % 1) * (sorted[Math.ceil(place)] - below);
};

/**
 * A chat model judges better than the regressions: the floor lies
 * well below the least sure of the questions that have an answer.
 */
const belowFound = 1.5;
const weights = keep ? JSON.parse(readFileSync(path, 'utf8')) : {};

/** Fits the regressions of a mode, and prints what they find in collections that they were not fitted to. */
function fitMode(name, { data, falseShare, laterFalseShare = falseShare, ...mode }) {
  const assessed = collections.flatMap((held) => {
    const { judges, first } = trainMode(
      data.filter(({ collection }) => collection !== held),
      mode,
    );
    const own = assess(
      data.filter(({ collection }) => collection === held),
      finding,
      judges,
      mode,
      first,
    );
    console.log(name.padEnd(14), held.padEnd(12), JSON.stringify(figures(own, falseShare)));
    return own;
  });
  for (const share of [0.5, 0.33, 0.25, 0.2])
    console.log(name.padEnd(14), `false ${share}`.padEnd(12), JSON.stringify(figures(assessed, share)));
  const strange = assessed.filter(({ question }) => !question.answerable).map(({ answered }) => answered);
  const found = assessed.filter(({ rank }) => rank > 0 && rank <= 5).map(({ answered }) => answered);
  const { judges } = trainMode(data, mode);
  const { passage, unit, answer } = judges;
  weights[name] = {
    passage,
    unit,
    answer,
    answers: Number(quantile(strange, 1 - falseShare).toFixed(3)),
    answersInConversation: Number(quantile(strange, 1 - laterFalseShare).toFixed(3)),
    floor: Number((quantile(found, 0.01) - belowFound).toFixed(3)),
  };
  if (given.includes('--types')) {
    const types = {};
    for (const { question, rank, right } of assessed.filter(({ question }) => question.answerable)) {
      const type = (types[question.type] ??= { n: 0, first: 0, right: 0 });
      type.n++;
      type.first += Number(rank === 1);
      type.right += Number(right);
    }
    console.log(JSON.stringify(types));
  }
  if (given.includes('--failures'))
    for (const { question, rank, right, text, answered } of assessed)
      if (question.answerable && !right)
        console.log(
          `\n${name} [${question.id} ${question.type}] rank ${rank} ${answered.toFixed(2)}\n Q ${question.question} (${question.query})\n A ${text.slice(0, 300)}\n G ${JSON.stringify(question.gold)}`,
        );
}

/** Shares of the unanswerable questions about short documents that may be answered. */
const fewFalseShare = { withReader: 0.15, withoutReader: 0.2 };

for (const [name, mode] of Object.entries(modes)) {
  if (!keep) fitMode(name, mode);
  const { cosine, windows, reader } = mode;
  const choosing = !cosine ? 'words' : windows ? 'windowed' : 'cosine';
  const { few, answersFromFew, line } = trainFew(
    cosine ? shortWithVectors : shortByWords,
    finding,
    weights[name],
    mode,
    reader ? weights[choosing].passage : null,
    reader ? fewFalseShare.withReader : fewFalseShare.withoutReader,
  );
  console.log(name.padEnd(14), 'short'.padEnd(12), JSON.stringify(line));
  Object.assign(weights[name], { few, answersFromFew });
}
if (!given.includes('--dry')) writeFileSync(path, `${JSON.stringify(weights, null, 1)}\n`);
