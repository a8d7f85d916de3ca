import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';

export const testSet = 'load_test';
const topics = [
  'leave',
  'travel',
  'invoices',
  'safety',
  'warranty',
  'hiring',
  'storage',
  'networks',
  'laboratory',
  'training',
];
const sentence = (topic, number) =>
  `Rule ${number} on ${topic}: whoever deals with ${topic} asks department ${number % 17} first and keeps the receipt ${number * 7} for ${1 + (number % 9)} years.`;

/** A unique text of about `sentences` × 100 bytes. */
export const documentText = (number, sentences = 12) =>
  [
    `# Handbook ${number} ${randomUUID()}`,
    ...Array.from({ length: sentences }, (_, index) =>
      sentence(topics[(number + index) % topics.length], number + index),
    ),
  ].join('\n\n');
export const question = (number) =>
  `who asks about ${topics[number % topics.length]} and keeps receipt ${(number % 50) * 7}`;

/** Speaks to one docent over connections that stay open. */
export class Client {
  constructor({ url, token }, connections = 64) {
    this.url = url.replace(/\/$/, '');
    this.headers = token ? { authorization: `Bearer ${token}` } : {};
    this.agent = new Agent({
      connections,
      pipelining: 1,
      keepAliveTimeout: 4000,
      headersTimeout: 60_000,
      bodyTimeout: 60_000,
    });
  }

  /** @returns status and the body as text */
  async send(method, path, body, headers = {}) {
    const answer = await request(this.url + path, {
      method,
      dispatcher: this.agent,
      headers: {
        ...this.headers,
        ...(typeof body === 'string' && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  }

  /** @throws where the answer is no 2xx */
  async json(method, path, body) {
    const { status, text } = await this.send(
      method,
      path,
      body === undefined ? undefined : JSON.stringify(body),
    );
    if (status < 200 || status > 299)
      throw new Error(`${method} ${path} answered ${status}: ${text.slice(0, 300)}`);
    return JSON.parse(text);
  }

  health = () => this.send('GET', '/health/live');
  listing = () => this.send('GET', `/agent/documents?document_set=${testSet}&limit=20`);
  search = (number) =>
    this.send(
      'POST',
      '/agent/search',
      JSON.stringify({ prompt: question(number), limit: 5, answer: false, document_set: testSet }),
    );
  upload(number) {
    const boundary = `docent-${randomUUID()}`;
    const part = (head, text) =>
      `--${boundary}\r\ncontent-disposition: form-data; ${head}\r\n\r\n${text}\r\n`;
    const body = `${part('name="document_set"', testSet)}${part(`name="files"; filename="load-${number}-${randomUUID()}.md"`, documentText(number))}--${boundary}--\r\n`;
    return this.send('POST', '/agent/upload', Buffer.from(body), {
      'content-type': `multipart/form-data; boundary=${boundary}`,
    });
  }

  /** A service that has only just been started opens its database first. */
  async ready(seconds = 60) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const { status, text } = await this.send('GET', '/health/ready');
      if (status === 200) return;
      if (Date.now() > deadline) throw new Error(`not ready within ${seconds} s: ${text.slice(0, 300)}`);
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  /** Documents of the test set, ready to be found. */
  async seed(count) {
    await this.ready();
    const files = Array.from({ length: count }, (_, number) => ({
      filename: `seed-${number}.md`,
      content: documentText(number),
      document_set: testSet,
    }));
    const { task_id: task } = await this.json('POST', '/agent/ingest', { files });
    return this.ended(task);
  }

  async ended(task, seconds = 300) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const found = await this.json('GET', `/agent/status/${task}?wait=10`);
      if (['SUCCESS', 'FAILURE', 'REVOKED'].includes(found.status)) return found.status;
      if (Date.now() > deadline) throw new Error(`task ${task} is still ${found.status} after ${seconds} s`);
    }
  }

  async tidy() {
    const { status, text } = await this.send('DELETE', `/agent/documentsets/${testSet}`);
    if (status === 202) await this.ended(JSON.parse(text).task_id).catch(() => undefined);
  }

  /** Sums of the metrics of the process (or the cluster); null where `/metrics` is not open to this client. */
  async memory() {
    const { status, text } = await this.send('GET', '/metrics');
    if (status !== 200) return null;
    const value = (name) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    return {
      rssMb: value('process_resident_memory_bytes') / 1e6,
      heapMb: value('nodejs_heap_size_used_bytes') / 1e6,
    };
  }

  close() {
    return this.agent.destroy();
  }
}
