// Fits the three regressions of the finder and judges them on collections that they were not fitted to.
import { asList, matches, missingFrom, passageViews } from './gold.mjs';
import { areaUnderCurve, fit } from './logistic.mjs';

const folds = 5;
/** The weight of a derived variant of a question. */
const variantWeight = 0.1;
/** Sources that the reader reads, as in the finder. */
const maxRead = 5;
const constant = { features: [], mean: [], scale: [], weights: [], bias: 0 };
const constants = { passage: constant, unit: constant, answer: constant, few: constant };
const ridges = { passage: 3, unit: 10, answer: 20, few: 10 };

/**
 * Each question with its evidence, its signals and what is
 * right of it. `finding` is the built code of the finder.
 */
export function prepare(questions, finding, depth) {
  return questions.flatMap((question, at) => {
    const hits = question.hits.slice(0, depth);
    const isGood = (hit) =>
      question.answerable && asList(question.passage).some((source) => matches(passageViews(hit), source));
    const others = hits.filter((hit) => !isGood(hit));
    const variants = [{ ...question, hits }];
    if (question.answerable) {
      const good = hits.find(isGood);
      // The same question without its passage, and in collections of one to three passages.
      if (good) variants.push({ ...question, hits: others, answerable: false, variant: true });
      const few = [...(good ? [good] : []), ...others.slice(0, at % 3)];
      if (good) variants.push({ ...question, hits: few, variant: true });
      variants.push({ ...question, hits: others.slice(0, 1 + (at % 3)), answerable: false, variant: true });
    }
    return variants
      .filter((variant) => variant.hits.length > 0)
      .map((variant) => prepareOne(variant, at, finding));
  });
}

function prepareOne(question, at, finding) {
  const { hits } = question;
  const texts = hits.map(({ title, heading, content }) => [title ?? '', heading ?? '', content].join('\n'));
  const asked = finding.readAsked(
    question.query ?? question.question,
    texts,
    hits.map(({ language }) => language),
  );
  const evidence = finding.gatherEvidence(asked, hits);
  const signals = hits.map(({ language, cosine, window, reading, similar }, place) => ({
    place,
    cosine: cosine ?? null,
    window: window ?? null,
    reading: reading ?? null,
    similar:
      similar && isMatched(asked.language) && isMatched(language)
        ? matchedUnits(evidence.sources[place], similar)
        : null,
  }));
  const good = hits.map(
    (hit) =>
      question.answerable && asList(question.passage).some((source) => matches(passageViews(hit), source)),
  );
  const known = new Map();
  const findSpans = (unit) => finding.findSpans(evidence, unit);
  const wordUnit = (unit, isOnly = false) => {
    const wording = () => {
      const text = evidence.sources[unit.source].text;
      return finding.wordUnit(text, unit.unit, finding.findSpans(evidence, unit, isOnly), asked);
    };
    if (isOnly) return wording();
    if (!known.has(unit)) known.set(unit, wording());
    return known.get(unit);
  };
  const isRight = (unit) =>
    question.answerable &&
    (good[unit.source] || asList(question.passage).length === 0) &&
    missingFrom(wordUnit(unit), question).length === 0;
  /**
   * Right, and not by its neighbours alone: the unit itself says a part of what is asked for, or leads in to
   * it.
   */
  const isRightItself = (unit) => {
    const { text } = unit.unit;
    const leadsIn = /[:：]\W*$/u.test(text);
    return isRight(unit) && (leadsIn || missingFrom(text, question).length < asList(question.gold).length);
  };
  return { ...question, evidence, signals, good, findSpans, wordUnit, isRightItself, fold: at % folds };
}

/** The matcher knows English; null is an unknown language. */
const isMatched = (language) => (language ?? 'en') === 'en';

/** Cosines by the offset of the unit, from cosines by its text. */
const matchedUnits = ({ units }, similar) =>
  new Map(
    units.flatMap(({ unit }) => (similar[unit.text] === undefined ? [] : [[unit.start, similar[unit.text]]])),
  );

const namesIn = (rows) =>
  [...new Set(rows.flatMap(({ features }) => Object.keys(features)))].sort((a, b) => a.localeCompare(b));
const fitRows = (rows, ridge) => fit(rows, namesIn(rows), ridge);

/** Signals as the finder has them: the reader gets the best passages by words and vectors. */
export function signalsFor(question, finding, mode, first) {
  const bare = question.signals.map((signals) => ({
    ...signals,
    cosine: mode.cosine ? signals.cosine : null,
    window: mode.windows ? signals.window : null,
    reading: null,
    similar: null,
  }));
  if (!(mode.reader || mode.matcher) || !first) return bare;
  const { order } = finding.judge(question.evidence, bare, { ...constants, passage: first });
  const seen = new Set(order.slice(0, maxRead));
  return bare.map((signals, place) =>
    seen.has(place)
      ? {
          ...signals,
          reading: mode.reader ? question.signals[place].reading : null,
          similar: mode.matcher ? question.signals[place].similar : null,
        }
      : signals,
  );
}

/**
 * The three regressions from prepared questions, each fitted to
 * what the one before says of questions that it has not seen.
 * @param mode `{ cosine, reader }`: which signals there are @param
 * pickFirst regression that chooses what is read, for a fold
 */
export function train(data, finding, mode, pickFirst = () => null) {
  const signals = new Map(
    data.map((question) => [question, signalsFor(question, finding, mode, pickFirst(question.fold))]),
  );
  const judge = (question, judges) => finding.judge(question.evidence, signals.get(question), judges);
  const makeRows = new Map(
    data.map((question) => {
      const { passages } = judge(question, constants);
      return [question, passages.map(({ features }, at) => ({ features, label: Number(question.good[at]) }))];
    }),
  );
  const whole = (some) => some.filter(({ variant }) => !variant);
  const findPassage = (some) =>
    fitRows(
      whole(some).flatMap((question) => makeRows.get(question)),
      ridges.passage,
    );
  const others = (fold) => data.filter((question) => question.fold !== fold);
  const passageBy = Array.from({ length: folds }, (_, fold) => findPassage(others(fold)));

  const unitRows = new Map(
    data.map((question) => {
      const { units } = judge(question, { ...constants, passage: passageBy[question.fold] });
      const labelled = units.map(({ features, evidence }) => ({
        features,
        label: Number(question.isRightItself(evidence)),
      }));
      return [question, labelled.some(({ label }) => label === 1) ? labelled : []];
    }),
  );
  const findUnit = (some) =>
    fitRows(
      whole(some).flatMap((question) => unitRows.get(question)),
      ridges.unit,
    );
  const unitBy = Array.from({ length: folds }, (_, fold) => findUnit(others(fold)));

  const answerRows = data.map((question) => {
    const judges = { ...constants, passage: passageBy[question.fold], unit: unitBy[question.fold] };
    const { answer } = judge(question, judges);
    return {
      features: answer,
      label: Number(question.answerable),
      weight: question.variant ? variantWeight : 1,
    };
  });
  const share = answerRows.filter(({ label }) => label === 1).length / answerRows.length;
  const balanced = answerRows.map((row) => ({
    ...row,
    weight: (row.weight * 0.5) / (row.label === 1 ? share : 1 - share),
  }));
  return {
    passage: findPassage(data),
    unit: findUnit(data),
    answer: fitRows(balanced, ridges.answer),
    few: constant,
    passageBy,
  };
}

/** The results of the regressions on questions that they were not fitted to. */
export function assess(data, finding, judges, mode, first = null) {
  return data
    .filter(({ variant }) => !variant)
    .map((question) => {
      const judgement = finding.judge(question.evidence, signalsFor(question, finding, mode, first), judges);
      const good = judgement.order.map((at) => question.good[at]);
      const chosen = judgement.units[0];
      const other = chosen ? finding.otherHalf(judgement, question.findSpans(chosen.evidence)) : null;
      const wording = chosen ? question.wordUnit(chosen.evidence, !other) : '';
      const text = other ? `${wording}\n${question.wordUnit(other.evidence)}` : wording;
      return {
        question,
        answered: judgement.answered,
        rank: good.indexOf(true) + 1,
        right: Boolean(question.answerable && missingFrom(text, question).length === 0),
        text,
        judgement,
      };
    });
}

/**
 * The regression that decides for short documents whether the chosen part answers, by what the other regressions
 * say of them. Wrong parts count as questions without an answer.
 * @returns `{ few, answersFromFew, line }`; the threshold answers a share of the unanswerable questions about
 * documents that the regression was not fitted to
 */
export function trainFew(data, finding, judges, mode, first, falseShare) {
  const matched = ({ signals }) => !mode.matcher || signals.some(({ similar }) => similar?.size > 0);
  const some = data.filter((question) => !question.variant && matched(question));
  const assessed = assess(some, finding, { ...judges, few: constant }, mode, first);
  const rows = assessed.map(({ judgement: { answer, answeredFromFew }, question, right }) => ({
    features: answer,
    label: Number(right),
    support: answeredFromFew,
    question,
  }));
  const files = [...new Set(rows.map(({ question }) => question.file))].sort((a, b) => a.localeCompare(b));
  const foldOf = ({ question }) => files.indexOf(question.file) % folds;
  const judged = Array.from({ length: folds }, (_, fold) => {
    const few = fitRows(
      rows.filter((row) => foldOf(row) !== fold),
      ridges.few,
    );
    return rows
      .filter((row) => foldOf(row) === fold)
      .map((row) => ({ ...row, answered: finding.logit(few, row.features) + row.support }));
  }).flat();
  const strange = judged.filter(({ question }) => !question.answerable).map(({ answered }) => answered);
  const good = judged.filter(({ label }) => label === 1).map(({ answered }) => answered);
  const threshold = strange.sort((a, b) => b - a)[Math.floor(strange.length * falseShare)] ?? 0;
  const isSaid = ({ answered }) => answered > threshold;
  return {
    few: fitRows(rows, ridges.few),
    answersFromFew: Number((threshold + 1e-3).toFixed(3)),
    line: {
      extract: good.length,
      auc: areaUnderCurve(good, strange).toFixed(3),
      right: judged.filter((row) => row.label === 1 && isSaid(row)).length,
      wrong: judged.filter((row) => row.question.answerable && row.label === 0 && isSaid(row)).length,
      false: `${strange.filter((answered) => answered > threshold).length}/${strange.length}`,
    },
  };
}

/** One line of figures at the threshold that answers a share of the unanswerable questions. */
export function figures(assessed, share) {
  const asked = assessed.filter(({ question }) => question.answerable);
  const strange = assessed.filter(({ question }) => !question.answerable);
  const threshold = strange.map(({ answered }) => answered).sort((a, b) => b - a)[
    Math.floor(strange.length * share)
  ];
  const said = asked.filter(({ answered }) => answered > threshold);
  const lengths = said.map(({ text }) => text.length).sort((a, b) => a - b);
  return {
    asked: asked.length,
    top1: asked.filter(({ rank }) => rank === 1).length,
    top5: asked.filter(({ rank }) => rank > 0 && rank <= 5).length,
    anywhere: asked.filter(({ rank }) => rank > 0).length,
    extract: asked.filter(({ right }) => right).length,
    auc: areaUnderCurve(
      asked.map(({ answered }) => answered),
      strange.map(({ answered }) => answered),
    ).toFixed(3),
    threshold: threshold?.toFixed(2),
    right: said.filter(({ right }) => right).length,
    wrong: said.filter(({ right }) => !right).length,
    refused: asked.length - said.length,
    false: `${strange.filter(({ answered }) => answered > threshold).length}/${strange.length}`,
    length: lengths[Math.floor(lengths.length / 2)],
  };
}
