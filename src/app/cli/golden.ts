import { z } from 'zod';
import type { SearchResponse } from '../../features/answers/answers.dto.js';
import { CliError, exitCodes } from './exit.js';

/** One line of a file of golden questions. */
export const GoldenQuestion = z
  .strictObject({
    question: z.string().min(1),
    document_set: z.string().optional(),
    filter: z.record(z.string(), z.unknown()).optional(),
    /** Files that hold the answer; none for a question that must not be answered. */
    filenames: z.array(z.string().min(1)).default([]),
    /** Pages with the answer, where that matters. */
    pages: z.array(z.int().positive()).optional(),
    /** Texts of which the answer or a quote must hold one, case and white space aside. */
    answer: z.union([z.string(), z.array(z.string())]).optional(),
  })
  .transform(({ answer, ...rest }) => ({ ...rest, answers: answer === undefined ? [] : [answer].flat() }));
export type GoldenQuestion = z.infer<typeof GoldenQuestion>;

/** @throws CliError that names the invalid line */
export function readGolden(text: string): GoldenQuestion[] {
  const questions = text.split('\n').flatMap((line, index) => {
    if (line.trim() === '' || line.startsWith('//')) return [];
    try {
      return [GoldenQuestion.parse(JSON.parse(line))];
    } catch (error) {
      throw new CliError(
        `line ${index + 1} is not a question: ${error instanceof Error ? error.message : String(error)}`,
        exitCodes.usage,
      );
    }
  });
  if (questions.length === 0) throw new CliError('the file contains no question', exitCodes.usage);
  return questions;
}

/** The result of one question. Ranks count documents, not passages. */
export interface Judged {
  question: string;
  answerable: boolean;
  answered: boolean;
  /** 1-based place of the first right document; null when it is not among the results. */
  rank: number | null;
  ndcg: number;
  citations: number;
  /** Citations that are verified and from a right document (and page, where named). */
  rightCitations: number;
  /** Null where the question says nothing about the answer's text. */
  rightAnswer: boolean | null;
}

/** Figures over all questions, 0…1; null where no question says anything about it. */
export interface Figures {
  questions: number;
  hit: number | null;
  mrr: number | null;
  ndcg: number | null;
  answered: number | null;
  false_answers: number | null;
  right_answers: number | null;
  citation_precision: number | null;
}

const fold = (text: string): string => text.replace(/\s+/gu, ' ').trim().toLowerCase();

/** @param k documents that count */
export function judge(golden: GoldenQuestion, response: SearchResponse, k: number): Judged {
  const { results, citations, answered, answer } = response;
  const right = new Set(golden.filenames.map((name) => name.normalize('NFC')));
  const found = [...new Set(results.map(({ metadata }) => metadata.filename))].slice(0, k);
  const place = found.findIndex((name) => right.has(name));
  const gain = found.reduce((sum, name, index) => sum + (right.has(name) ? 1 / Math.log2(index + 2) : 0), 0);
  const ideal = [...right].slice(0, k).reduce((sum, _, index) => sum + 1 / Math.log2(index + 2), 0);
  const rightCitations = citations.filter(({ result, verified, page }) => {
    const filename = results[result]?.metadata.filename ?? '';
    return (
      verified && right.has(filename) && (!golden.pages || (page !== null && golden.pages.includes(page)))
    );
  });
  const said = fold([answered ? answer : '', ...citations.map(({ quote }) => quote)].join('\n'));
  return {
    question: golden.question,
    answerable: right.size > 0,
    answered,
    rank: place < 0 ? null : place + 1,
    ndcg: ideal === 0 ? 0 : gain / ideal,
    citations: citations.length,
    rightCitations: rightCitations.length,
    rightAnswer:
      golden.answers.length === 0
        ? null
        : answered && golden.answers.some((text) => said.includes(fold(text))),
  };
}

const mean = (values: number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

export function findFigures(judged: Judged[]): Figures {
  const answerable = judged.filter((one) => one.answerable);
  const answers = judged.flatMap(({ rightAnswer }) => (rightAnswer === null ? [] : [Number(rightAnswer)]));
  const citations = judged.reduce((sum, one) => sum + one.citations, 0);
  return {
    questions: judged.length,
    hit: mean(answerable.map(({ rank }) => Number(rank !== null))),
    mrr: mean(answerable.map(({ rank }) => (rank === null ? 0 : 1 / rank))),
    ndcg: mean(answerable.map(({ ndcg }) => ndcg)),
    answered: mean(answerable.map((one) => Number(one.answered))),
    false_answers: mean(judged.filter((one) => !one.answerable).map((one) => Number(one.answered))),
    right_answers: mean(answers),
    citation_precision:
      citations === 0 ? null : judged.reduce((sum, one) => sum + one.rightCitations, 0) / citations,
  };
}

export type Thresholds = Partial<Record<Exclude<keyof Figures, 'questions'>, number>>;

/**
 * A sentence for each figure that misses its threshold. Of `false_answers`
 * less is better; a figure that no question gives is missed.
 */
export function missed(figures: Figures, thresholds: Thresholds): string[] {
  return Object.entries(thresholds).flatMap(([name, wanted]) => {
    const figure = figures[name as keyof Thresholds];
    if (figure === null) return [`${name}: no question measures this`];
    const kept = name === 'false_answers' ? figure <= wanted : figure >= wanted;
    return kept
      ? []
      : [`${name}: ${figure.toFixed(3)} is ${name === 'false_answers' ? 'above' : 'below'} ${wanted}`];
  });
}
