import { Injectable } from '@nestjs/common';
import type { JobResult, Payload } from '../../platform/queue/jobs.js';
import { type Handler, Handles, type Work } from '../../platform/queue/work.js';
import { SpaceFiller } from './space-filler.js';

/**
 * Builds the space of another model. Chunks that come meanwhile
 * are embedded for both spaces by those who stage them.
 */
@Handles('build_space')
@Injectable()
export class BuildSpaceHandler implements Handler<'build_space'> {
  readonly resumes = true;

  constructor(private readonly filler: SpaceFiller) {}

  run({ space }: Payload<'build_space'>, work: Work): Promise<JobResult<'build_space'>> {
    return this.filler.fillUp(space, work);
  }
}
