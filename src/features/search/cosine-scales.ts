import { Injectable, Logger } from '@nestjs/common';
import { toFailure } from '../../common/errors.js';
import { outsideContext } from '../../common/request-context.js';
import { Embedder, type SpaceIdentity } from '../../platform/embedding/embedder.js';
import { probes } from './cosine-probes.js';
import { assumedScale, builtInScale, type CosineScale } from './support.js';

/** As long as a query may take to be embedded: nobody waits longer for a scale than for the vector. */
const patienceMs = 3000;
/** A model on a CPU needs longer for all the probes; what it says then is for the questions after. */
const limitMs = 60_000;
/** A model that could not be asked is asked again after this long. */
const retryMs = 60_000;
/** Below this the model does not tell the probes apart. */
const leastRange = 0.02;

const median = (values: number[]): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;

const dot = (left: number[], right: number[]): number =>
  left.reduce((sum, value, at) => sum + value * (right[at] ?? 0), 0);

/**
 * @param questions unit vectors @param passages of the passages that answer them, in the same order
 * @returns null when the questions are no nearer to their answers than to other passages
 */
export function scaleFrom(questions: number[][], passages: number[][]): CosineScale | null {
  const answering = median(questions.map((question, at) => dot(question, passages[at] ?? [])));
  // the nearest of the others, as in a search the nearest of all that does not answer is what is found
  const unrelated = median(
    questions.map((question, at) =>
      Math.max(...passages.filter((_, other) => other !== at).map((passage) => dot(question, passage))),
    ),
  );
  return answering - unrelated < leastRange ? null : { unrelated: Math.max(0, unrelated), answering };
}

/** What is assumed of a model until it has been asked. */
export const assumedOf = ({ provider }: SpaceIdentity): CosineScale =>
  provider === 'local' ? builtInScale : assumedScale;

const assumedLater = (space: SpaceIdentity): Promise<CosineScale> =>
  new Promise((decide) => setTimeout(() => decide(assumedOf(space)), patienceMs).unref());

/** What the cosines of each model say, found out by asking it about questions and passages whose relation is known. */
@Injectable()
export class CosineScales {
  private readonly logger = new Logger(CosineScales.name);
  private readonly known = new Map<string, Promise<CosineScale>>();

  constructor(private readonly embedder: Embedder) {}

  /** Asks the model once a process; a failure, or a model that takes long, gives the assumed scale for the time being. */
  of(space: SpaceIdentity): Promise<CosineScale> {
    const key = JSON.stringify([space.provider, space.model, space.dimensions]);
    const known = this.known.get(key);
    if (known) return known;
    // neither the asker's tokens nor his patience: the scale is everybody's
    const asked = outsideContext(() => this.ask(space)).catch((error: unknown) => {
      const { code, detail } = toFailure(error);
      this.logger.warn({
        msg: 'the embedding model could not be calibrated, an assumed scale decides what is answered',
        code,
        detail,
      });
      setTimeout(() => this.known.delete(key), retryMs).unref();
      return assumedOf(space);
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
        msg: 'the embedding model does not tell questions from each other, an assumed scale decides',
        ...space,
      });
    return scale ?? assumedOf(space);
  }
}
