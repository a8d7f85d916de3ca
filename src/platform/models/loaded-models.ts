import { CrossEncoder } from './cross-encoder.js';
import { openModelFolder, wrongFiles } from './model-folder.js';
import { PassageReader } from './passage-reader.js';
import type { ModelAnswer, ModelJob, ModelsToLoad } from './protocol.js';
import { SentenceEmbedder } from './sentence-embedder.js';
import { SentenceMatcher } from './sentence-matcher.js';

/** The models of the child. */
export class LoadedModels {
  private constructor(
    private readonly embedder: SentenceEmbedder | null,
    private readonly reader: PassageReader | null,
    private readonly matcher: SentenceMatcher | null,
    private readonly reranker: CrossEncoder | null,
  ) {}

  /** Checks the files and loads the models. @throws Error that names the faulty folder or file */
  static async load({ embedder, reader, matcher, reranker, threads }: ModelsToLoad): Promise<LoadedModels> {
    for (const directory of [embedder?.directory, reader, matcher, reranker]) {
      const wrong = directory ? await wrongFiles(directory) : null;
      if (wrong && wrong.length > 0)
        throw new Error(`checksums do not match in ${directory}: ${wrong.join(', ')}`);
    }
    return new LoadedModels(
      embedder && (await SentenceEmbedder.open(openModelFolder(embedder.directory), embedder, threads)),
      reader === null ? null : await PassageReader.open(reader, threads),
      matcher === null ? null : await SentenceMatcher.open(matcher, threads),
      reranker === null ? null : await CrossEncoder.open(reranker, threads),
    );
  }

  /**
   * Runs each model once: the first run takes longer than those after it. @returns dimensions of the vectors
   */
  async warmUp(): Promise<number | null> {
    const [trial] = (await this.embedder?.embed(['trial'], 'query')) ?? [];
    await this.reader?.read('trial', { heading: null, content: 'A trial.' });
    await this.matcher?.match('trial', ['A trial.']);
    await this.reranker?.rank('trial', ['A trial.']);
    return trial?.length ?? null;
  }

  async compute(job: ModelJob): Promise<ModelAnswer[keyof ModelAnswer]> {
    if (job.type === 'embed' && this.embedder) return this.embedder.embed(job.texts, job.role);
    if (job.type === 'read' && this.reader) return this.reader.read(job.question, job.passage);
    if (job.type === 'match' && this.matcher) return this.matcher.match(job.question, job.texts);
    if (job.type === 'encode' && this.matcher) return this.matcher.encode(job.texts, job.role);
    if (job.type === 'rank' && this.reranker) return this.reranker.rank(job.query, job.documents);
    throw new Error(`no model is loaded for "${job.type}"`);
  }
}
