import cluster from 'node:cluster';
import { Injectable } from '@nestjs/common';
import { AggregatorRegistry, type Registry } from 'prom-client';

const answerMs = 2000;

interface MetricsRequest {
  docent: 'metrics?';
  id: number;
}
interface MetricsReply {
  docent: 'metrics';
  id: number;
  text: string;
}
const isRequest = (message: unknown): message is MetricsRequest =>
  typeof message === 'object' && message !== null && 'docent' in message && message.docent === 'metrics?';
const isReply = (message: unknown): message is MetricsReply =>
  typeof message === 'object' && message !== null && 'docent' in message && message.docent === 'metrics';

/** In a cluster the primary adds up what its processes count: whichever of them is scraped asks it. */
@Injectable()
export class ClusterMetrics {
  private readonly waiting = new Map<number, (text: string) => void>();
  private next = 0;

  /**
   * @param own of this process: the answer outside a cluster, and when the primary does not answer in time
   */
  async text(own: Registry): Promise<string> {
    if (!cluster.isWorker || !process.send) return own.metrics();
    const sum = await this.ask();
    return sum ?? own.metrics();
  }

  /** Lets the primary read this process's numbers from the start. */
  join(own: Registry): void {
    if (!cluster.isWorker) return;
    // its constructor makes this process answer the primary
    void new AggregatorRegistry();
    AggregatorRegistry.setRegistries(own);
    process.on('message', (message: unknown) => {
      if (isReply(message)) this.waiting.get(message.id)?.(message.text);
    });
  }

  private ask(): Promise<string | undefined> {
    const id = this.next++;
    return new Promise((resolve) => {
      const settle = (text?: string) => {
        clearTimeout(timer);
        this.waiting.delete(id);
        resolve(text);
      };
      const timer = setTimeout(settle, answerMs);
      this.waiting.set(id, settle);
      process.send?.({ docent: 'metrics?', id } satisfies MetricsRequest);
    });
  }
}

/** In the primary: collects the metrics of all processes when one of them asks. */
export function serveClusterMetrics(): void {
  const registry = new AggregatorRegistry();
  cluster.on('message', (worker, message: unknown) => {
    if (!isRequest(message)) return;
    registry.clusterMetrics().then(
      (text) => worker.send({ docent: 'metrics', id: message.id, text } satisfies MetricsReply),
      // the process falls back to its own numbers when no answer comes
      () => undefined,
    );
  });
}
