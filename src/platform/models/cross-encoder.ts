import { type ModelFolder, openModelFolder } from './model-folder.js';
import { readNumbers, OnnxSession } from './onnx-session.js';
import { TextEncoder } from './text-encoder.js';

/** Scores how well documents fit a query: any model of the hub with one label. */
export class CrossEncoder {
  private constructor(
    private readonly folder: ModelFolder,
    private readonly encoder: TextEncoder,
    private readonly session: OnnxSession,
  ) {}

  static async open(directory: string, threads: number): Promise<CrossEncoder> {
    const folder = openModelFolder(directory);
    const session = await OnnxSession.open(folder.weights, threads);
    return new CrossEncoder(folder, new TextEncoder(folder.directory), session);
  }

  async rank(query: string, documents: string[]): Promise<number[]> {
    const scores: number[] = [];
    for (const text of documents) {
      const outputs = await this.session.run(this.encoder.encodePair(query, text, this.folder.maxTokens));
      const [score, other] = readNumbers(outputs, ['logits', 'relevance']);
      if (score === undefined || other !== undefined)
        throw new Error('the rerank model has more than one label');
      scores.push(score);
    }
    return scores;
  }
}
