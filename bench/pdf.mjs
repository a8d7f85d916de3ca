import { buildPdf } from '../scripts/shared/pdf-writer.mjs';
import { ended } from '../scripts/shared/service.mjs';
import { passage, sentence } from './text.mjs';

const pages = 600;

/** A PDF of 600 pages: how fast, and what the service and its parser child weigh at most. */
export async function pdf(service, show) {
  const sections = Array.from({ length: pages }, (_, number) => ({
    heading: `Part ${number + 1} ${sentence(number).slice(0, 40)}`,
    paragraphs: [passage(number * 3), passage(number * 3 + 1), passage(number * 3 + 2)],
  }));
  const bytes = buildPdf(sections, { language: 'en-GB', page: 'Page' });
  const running = await service();
  await running.ready();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const idle = running.rssMb();
  const peak = { service: idle, child: 0 };
  const watch = setInterval(() => {
    peak.service = Math.max(peak.service, running.rssMb());
    peak.child = Math.max(peak.child, running.childRssMb());
  }, 20);
  const begun = performance.now();
  const response = await fetch(`${running.url}/agent/documents/bench/big.pdf`, {
    method: 'PUT',
    body: bytes,
  });
  const { task_id: id } = await response.json();
  const task = await ended(running.url, id);
  const seconds = (performance.now() - begun) / 1000;
  clearInterval(watch);
  show('pdf', {
    pages,
    MB: bytes.length / 1e6,
    status: task.status,
    chunks: task.result?.chunks,
    seconds,
    stages: JSON.stringify(task.stages),
    'idle RSS MB': idle,
    'peak RSS MB': peak.service,
    'peak RSS of the parser child MB': peak.child,
  });
  await running.stop();
}
