import { Injectable, Logger } from '@nestjs/common';
import { toFailure } from '../../common/errors.js';
import { outsideContext } from '../../common/request-context.js';
import { Embedder, type SpaceIdentity } from '../../platform/embedding/embedder.js';
import { probes } from './cosine-probes.js';
import { assumedScale, builtInScale, type CosineScale } from './support.js';

/** The same patience as for the embedding of a query. */
const patienceMs = 3000;
/** On a CPU, all probes take longer than a query may wait; the result then serves later questions. */
const limitMs = 60_000;
/** After a failure, the model is asked again after this time. */
const retryMs = 60_000;
/** With a smaller range, the model does not distinguish the probes. */
const minRange = 0.02;

const median = (values: number[]): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

const dot = (left: number[], right: number[]): number =>
  left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);

/**
 * @param questions unit vectors
 * @param passages vectors of the passages that answer them, in the same order
 * @returns null when the questions are no nearer to their answers than to other passages
 */
export function scaleFrom(questions: number[][], passages: number[][]): CosineScale | null {
  const answering = median(questions.map((question, at) => dot(question, passages[at] ?? [])));
  // the nearest of the others: a search, too, returns the nearest of all passages that do not answer
  const unrelated = median(
    questions.map((question, at) =>
      Math.max(...passages.filter((_, other) => other !== at).map((passage) => dot(question, passage))),
    ),
  );
  return answering - unrelated < minRange ? null : { unrelated: Math.max(0, unrelated), answering };
}

/** The scale of a model until it has been measured. */
export const assumeScale = ({ provider }: SpaceIdentity): CosineScale =>
  provider === 'local' ? builtInScale : assumedScale;

const assumedLater = (space: SpaceIdentity): Promise<CosineScale> =>
  new Promise((decide) => setTimeout(() => decide(assumeScale(space)), patienceMs).unref());

/** The cosine scale of each model, measured with questions and passages whose relation is known. */
@Injectable()
export class CosineScales {
  private readonly logger = new Logger(CosineScales.name);
  private readonly known = new Map<string, Promise<CosineScale>>();

  constructor(private readonly embedder: Embedder) {}

  /**
   * Asks the model once a process; a failure, or a model that
   * takes long, gives the assumed scale for the time being.
   */
  scaleFor(space: SpaceIdentity): Promise<CosineScale> {
    const key = JSON.stringify([space.provider, space.model, space.dimensions]);
    const known = this.known.get(key);
    if (known) return known;
    // not on the account of this request's tenant, nor bound to its signal: the scale serves all
    const asked = outsideContext(() => this.ask(space)).catch((error: unknown) => {
      const { code, detail } = toFailure(error);
      this.logger.warn({
        msg: 'embedding model failed calibration; using the default cosine scale',
        code,
        detail,
      });
      setTimeout(() => this.known.delete(key), retryMs).unref();
      return assumeScale(space);
    });
    const soon = Promise.race([asked, assumedLater(space)]);
    this.known.set(key, soon);
    void asked.then(() => this.known.set(key, asked));
    return soon;
  }

  private async ask(space: SpaceIdentity): Promise<CosineScale> {
    const texts = [...probes.map(({ question }) => question), ...probes.map(({ passage }) => passage)];
    const vectors = await this.embedder.embed(texts, AbortSignal.timeout(limitMs), space);
    const scale = scaleFrom(vectors.slice(0, probes.length), vectors.slice(probes.length));
    if (scale) this.logger.log({ msg: 'calibrated the embedding model', ...space, ...scale });
    else
      this.logger.warn({
        msg: 'the embedding model gives all texts similar scores; using an assumed scale',
        ...space,
      });
    return scale ?? assumeScale(space);
  }
}
