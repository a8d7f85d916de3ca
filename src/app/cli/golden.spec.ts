import { describe, expect, it } from '@jest/globals';
import type { SearchResponse } from '../../features/answers/answers.dto.js';
import { findFigures, judge, missed, readGolden } from './golden.js';

const response = (filenames: string[], more: Partial<SearchResponse> = {}): SearchResponse => ({
  answer: 'Leave is 25 days. [1]',
  answered: true,
  answer_mode: 'extractive',
  results: filenames.map((filename, index) => ({
    id: String(index),
    content: 'Leave is 25 days.',
    score: 0.9,
    highlights: [],
    metadata: {
      filename,
      document_set: 'hr',
      document_id: filename,
      page: index + 1,
      page_end: null,
      heading: null,
      neighbours: [],
    },
  })),
  citations: [{ marker: '[1]', result: 0, quote: 'Leave is 25 days.', page: 1, verified: true }],
  query: 'q',
  took_ms: { embed: 0, search: 0, rerank: 0, answer: 0 },
  usage: { prompt_tokens: 0, completion_tokens: 0, embedding_tokens: 0 },
  ...more,
});
const [leave, mars] = readGolden(
  '{"question": "Leave?", "filenames": ["a.md"], "answer": "25  DAYS"}\n\n{"question": "Mars?"}',
);
if (!leave || !mars) throw new Error('both lines are questions');

describe('golden questions', () => {
  it('counts documents, not passages', () => {
    expect(judge(leave, response(['b.md', 'b.md', 'a.md']), 10)).toMatchObject({
      rank: 2,
      ndcg: 1 / Math.log2(3),
      rightAnswer: true,
    });
    expect(judge(leave, response(['b.md', 'c.md', 'a.md']), 2).rank).toBeNull();
  });

  it('counts a citation as right when it is verified and from an expected document and page', () => {
    const citation = { marker: '[1]', result: 0, quote: 'Leave is 25 days.', page: 1, verified: true };
    const citations = [citation, { ...citation, verified: false }, { ...citation, result: 1 }];
    expect(judge(leave, response(['a.md', 'b.md'], { citations }), 10)).toMatchObject({
      citations: 3,
      rightCitations: 1,
    });
    expect(judge({ ...leave, pages: [7] }, response(['a.md']), 10).rightCitations).toBe(0);
  });

  it('sums up the results and names the thresholds that were missed', () => {
    const figures = findFigures([
      judge(leave, response(['a.md']), 10),
      judge(leave, response(['b.md', 'a.md'], { answered: false, citations: [] }), 10),
      judge(mars, response(['b.md']), 10),
    ]);
    expect(figures).toMatchObject({
      questions: 3,
      hit: 1,
      mrr: 0.75,
      answered: 0.5,
      false_answers: 1,
      right_answers: 0.5,
      citation_precision: 0.5,
    });
    expect(missed(figures, { hit: 0.9, mrr: 0.9, false_answers: 0.5 })).toEqual([
      'mrr: 0.750 is below 0.9',
      'false_answers: 1.000 is above 0.5',
    ]);
    expect(missed(findFigures([judge(leave, response(['a.md']), 10)]), { false_answers: 0.1 })).toEqual([
      'false_answers: no question measures this',
    ]);
  });

  it.each(['{"question": ""}', '{"ask": "x"}', 'nonsense', ''])('refuses a file with %j', (text) => {
    expect(() => readGolden(text)).toThrow(/line 1 is not a question|contains no question/u);
  });
});
