import { Injectable } from '@nestjs/common';
import { Metrics } from '../../platform/metrics/metrics.js';
import { ParserPool } from '../parsing/sandbox/pool.js';

/** Reads the parser pool's figures whenever the metrics are asked for. */
@Injectable()
export class ParserMetrics {
  constructor(metrics: Metrics, pool: ParserPool) {
    const collectChildren = (): void => {
      const { children, busy } = pool.stats();
      metrics.parserChildren.set({ state: 'busy' }, busy);
      metrics.parserChildren.set({ state: 'idle' }, children - busy);
    };
    const collectEnds = (): void => {
      const { parsed, killed, crashed } = pool.stats();
      metrics.parserEnds.reset();
      for (const [result, count] of Object.entries({ parsed, killed, crashed }))
        metrics.parserEnds.inc({ result }, count);
    };
    Object.assign(metrics.parserChildren, { collect: collectChildren });
    Object.assign(metrics.parserEnds, { collect: collectEnds });
  }
}
