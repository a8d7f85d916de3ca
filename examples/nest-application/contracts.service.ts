import { Injectable } from '@nestjs/common';
import { Docent } from 'docent';
import pg from 'pg';

export interface NewContract {
  partner: string;
  text: string;
}

/** Contracts are rows of this application; their texts are documents of docent. */
@Injectable()
export class ContractsService {
  constructor(
    private readonly pool: pg.Pool,
    private readonly docent: Docent,
  ) {}

  /** The row and the document become visible with the same commit, or not at all. */
  async create({ partner, text }: NewContract): Promise<{ id: number; task_id: string }> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const { rows } = await client.query<{ id: number }>(
        'insert into contracts (partner) values ($1) returning id',
        [partner],
      );
      const id = rows[0]?.id ?? 0;
      const file = { filename: `contract-${id}.md`, content: `# Contract with ${partner}\n\n${text}` };
      const ingested = await this.docent.ingest([file], {
        documentSet: 'contracts',
        metadata: { contract: id },
        transaction: client,
      });
      await client.query('commit');
      await ingested.start();
      return { id, task_id: ingested.task_id };
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }

  async ask(question: string): Promise<{ answer: string | null; sources: string[] }> {
    const { answer, citations, results } = await this.docent.ask(question, { documentSet: 'contracts' });
    const sources = citations.map(({ result, quote }) => `${results[result]?.metadata.filename}: ${quote}`);
    return { answer, sources };
  }
}
