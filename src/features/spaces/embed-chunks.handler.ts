import { Injectable } from '@nestjs/common';
import { Metrics } from '../../platform/metrics/metrics.js';
import type { JobResult, Payload } from '../../platform/queue/jobs.js';
import { type Handler, Handles, type Work } from '../../platform/queue/work.js';
import { SpaceFiller } from './space-filler.js';

/**
 * Embeds chunks that were published without vectors, including those that are published while the task runs.
 */
@Handles('embed_chunks')
@Injectable()
export class EmbedChunksHandler implements Handler<'embed_chunks'> {
  readonly resumes = true;

  constructor(
    private readonly filler: SpaceFiller,
    private readonly metrics: Metrics,
  ) {}

  async run({ space }: Payload<'embed_chunks'>, work: Work): Promise<JobResult<'embed_chunks'>> {
    let [embedded, copied] = [0, 0];
    for (;;) {
      const filled = await this.filler.fillUp(space, work);
      embedded += filled.embedded;
      copied += filled.copied;
      this.metrics.chunksWithoutVector.set(filled.missing);
      const isStuck = filled.embedded + filled.copied === 0;
      if (filled.missing === 0 || isStuck) return { space, embedded, copied, missing: filled.missing };
    }
  }
}
