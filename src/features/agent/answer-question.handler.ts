import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { jobs, type JobResult, type Payload } from '../../platform/queue/jobs.js';
import { Handles, type Handler, type Work } from '../../platform/queue/work.js';
import { AnswersService } from '../answers/answers.service.js';
import { noAnswer } from '../answers/grounded-answerer.js';
import { makeOrigin } from './check-knowledge-base.handler.js';
import { FoundPassages } from './found-passages.js';

const resultsRead = 10;

/** Answers from what `check_knowledge_base` has found, as a search does. */
@Injectable()
@Handles('answer_question')
export class AnswerQuestionHandler implements Handler<'answer_question'> {
  constructor(
    private readonly answers: AnswersService,
    private readonly database: Database,
    private readonly passages: FoundPassages,
  ) {}

  async run({ prompt, sets }: Payload<'answer_question'>, work: Work): Promise<JobResult<'answer_question'>> {
    const checked = await this.checked(work);
    if (checked?.found === 0)
      return { answer: noAnswer, answered: false, citations: [], sources: checked.sources };
    const request = {
      prompt,
      limit: resultsRead,
      document_set: null,
      mode: 'hybrid' as const,
      neighbours: 0,
      answer: true,
      history: [],
    };
    const asker = { tenant: work.task.tenant, document_sets: sets };
    const found = await this.passages.take(work);
    const { answer, answered, citations, results } = await work.stage('answer', () =>
      this.answers.search(request, asker, work.signal, found),
    );
    return {
      answer: answer ?? noAnswer,
      answered,
      citations: citations.map((citation) => ({
        ...citation,
        filename: results[citation.result]?.metadata.filename,
      })),
      sources: results.map(({ metadata }) => makeOrigin(metadata)),
    };
  }

  /** The result of the previous task; null when its row is gone. */
  private async checked({ task }: Work): Promise<JobResult<'check_knowledge_base'> | null> {
    if (task.waits_for === null) return null;
    const before = await this.database.call('get_task', {
      tenant: task.tenant,
      sets: null,
      task: task.waits_for,
    });
    const result = jobs.check_knowledge_base.result.safeParse(before?.result);
    return result.success ? result.data : null;
  }
}
