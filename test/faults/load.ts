import { setTimeout as pause } from 'node:timers/promises';
import type { Accepted, Client } from './client.js';
import { marked, sampleContent, samples, type Content } from './contents.js';
import type { Random } from './random.js';

/** A file name and everything that its document may now be. */
export interface TrackedFile {
  filename: string;
  number: number;
  versions: number;
  /** Contents by hash that were sent under this name. */
  contents: Map<string, Content>;
  /** The hash of the newest version, or `gone`: what the service may show at the end. */
  allowed: Set<string>;
  accepted?: Accepted;
  acceptedAt: number;
  /** An answer was lost: the name is left alone from then on, so that what may have happened stays known. */
  settled: boolean;
  busy: boolean;
}

const mostUnfinished = 16;

/**
 * A steady stream of uploads, new versions, deletions and
 * broken-off uploads, which remembers what it was promised.
 */
export class Load {
  readonly files: TrackedFile[] = [];
  readonly violations: string[] = [];
  readonly counts = { uploads: 0, versions: 0, repeats: 0, deletions: 0, aborts: 0, unsure: 0 };
  private stopped = false;

  constructor(
    private readonly client: Client,
    private readonly random: Random,
    private readonly pauseMs: number,
    /** Tasks that are unfinished; none when nobody can tell. */
    private readonly backlog: () => Promise<number>,
  ) {}

  async run(loops: number): Promise<void> {
    await Promise.all(Array.from({ length: loops }, () => this.loop()));
  }

  stop(): void {
    this.stopped = true;
  }

  /** Sends a newer version of each of these documents that may still be touched: they are being ingested. */
  async overtake(documents: readonly string[]): Promise<number> {
    const files = this.files.filter(
      (file) => file.accepted && documents.includes(file.accepted.id) && this.isFree(file),
    );
    await Promise.all(files.map((file) => this.newVersion(file)));
    return files.length;
  }

  /** Uploads documents that take a while, so that a fault finds somebody at work. */
  async longFiles(count: number): Promise<void> {
    await Promise.all(
      Array.from({ length: count }, () => {
        const file = this.made('md');
        file.versions = 1;
        this.counts.uploads += 1;
        return this.send(file, marked(file.number, 1, 'md', this.random.between(200, 300), this.random));
      }),
    );
  }

  /** True when it is one of these and may be touched. */
  mayOvertake(documents: readonly string[]): boolean {
    return this.files.some(
      (file) => file.accepted && documents.includes(file.accepted.id) && this.isFree(file),
    );
  }

  private async loop(): Promise<void> {
    while (!this.stopped) {
      // on a slow machine unfinished work would hide work that a fault has lost
      if ((await this.backlog()) > mostUnfinished) {
        await pause(this.pauseMs);
        continue;
      }
      const choice = this.random.next();
      const recent = this.files.slice(-12).filter((file) => this.isFree(file));
      if (choice < 0.55 || recent.length === 0) await this.newFile();
      else if (choice < 0.63) await this.sample();
      else if (choice < 0.79) await this.newVersion(this.random.pick(recent));
      else if (choice < 0.85) await this.sameAgain(this.random.pick(recent));
      else if (choice < 0.95) await this.delete(this.random.pick(recent));
      else await this.abort();
      await pause(this.pauseMs * (0.5 + this.random.next()));
    }
  }

  private isFree(file: TrackedFile): boolean {
    return !file.busy && !file.settled && file.accepted !== undefined;
  }

  private made(extension: string): TrackedFile {
    const number = this.files.length;
    const file = {
      filename: `file-${number}.${extension}`,
      number,
      versions: 0,
      contents: new Map(),
      allowed: new Set(['gone']),
      acceptedAt: 0,
      settled: false,
      busy: false,
    };
    this.files.push(file);
    return file;
  }

  private async newFile(): Promise<void> {
    const format = this.random.next() < 0.8 ? 'md' : 'csv';
    const file = this.made(format);
    this.counts.uploads += 1;
    await this.send(file, this.next(file));
  }

  private async sample(): Promise<void> {
    const name = this.random.pick(samples);
    const file = this.made(name);
    this.counts.uploads += 1;
    await this.send(file, sampleContent(name));
  }

  private async newVersion(file: TrackedFile): Promise<void> {
    if ([...file.contents.values()].some(({ sample }) => sample)) return this.sameAgain(file);
    this.counts.versions += 1;
    await this.send(file, this.next(file));
  }

  /** The same bytes once more: nothing may come of it. */
  private async sameAgain(file: TrackedFile): Promise<void> {
    const content = [...file.contents.values()].at(-1);
    if (!content) return;
    this.counts.repeats += 1;
    await this.send(file, content);
  }

  private next(file: TrackedFile): Content {
    file.versions += 1;
    const long = this.random.next() < 0.35;
    const format = file.filename.endsWith('csv') ? 'csv' : 'md';
    return marked(
      file.number,
      file.versions,
      format,
      long ? this.random.between(100, 250) : this.random.between(3, 30),
      this.random,
    );
  }

  private async send(file: TrackedFile, content: Content): Promise<void> {
    file.busy = true;
    file.contents.delete(content.hash);
    file.contents.set(content.hash, content);
    const outcome = await this.client.upload(file.filename, content);
    if (outcome.kind === 'certain') {
      if (file.accepted && file.accepted.id !== outcome.value.id)
        this.violations.push(`I1 ${file.filename} became another document without a deletion`);
      file.accepted = outcome.value;
      file.acceptedAt = Date.now();
      file.allowed = new Set([content.hash]);
    } else if (outcome.kind === 'uncertain') {
      this.counts.unsure += 1;
      file.allowed.add(content.hash);
      file.settled = true;
    }
    file.busy = false;
  }

  private async delete(file: TrackedFile): Promise<void> {
    if (!file.accepted) return;
    file.busy = true;
    this.counts.deletions += 1;
    const outcome = await this.client.delete(file.accepted.id);
    if (outcome.kind === 'certain') file.allowed = new Set(['gone']);
    else if (outcome.kind === 'uncertain') {
      this.counts.unsure += 1;
      file.allowed.add('gone');
    } else
      this.violations.push(
        `I1 deleting ${file.filename} answered ${outcome.status}: the document is not there`,
      );
    file.settled = true;
    file.busy = false;
  }

  private async abort(): Promise<void> {
    this.counts.aborts += 1;
    const file = this.made('aborted.txt');
    file.settled = true;
    await this.client.abortedUpload(file.filename);
  }
}
