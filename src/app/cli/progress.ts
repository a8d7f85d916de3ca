import cliProgress from 'cli-progress';
import { describeCounts } from './stage.js';

/** Shows how far each file has come. */
export interface ProgressView {
  /** The step before the first file is followed, such as `sending 10 of 40 files`. */
  say(text: string): void;
  add(id: string, name: string): void;
  /** @param fraction 0…1 */
  update(id: string, fraction: number, stage: string): void;
  end(id: string, outcome: string, ok: boolean): void;
  stop(): void;
}

const nameWidth = 34;
const shorten = (name: string): string =>
  (name.length > nameWidth ? `${name.slice(0, nameWidth - 1)}…` : name).padEnd(nameWidth);

/** One bar for each file and one for all of them; bars of ended files stay. */
class Bars implements ProgressView {
  private readonly bars: cliProgress.MultiBar;
  private readonly total?: cliProgress.SingleBar;
  private readonly byId = new Map<string, cliProgress.SingleBar>();
  private readonly stages: Stages;

  constructor(
    private readonly stream: NodeJS.WriteStream,
    files: number,
  ) {
    const options = {
      format: '{name} {bar} {percentage}% {stage}',
      barsize: 24,
      hideCursor: true,
      stream,
      forceRedraw: true,
      gracefulExit: true,
    };
    this.stages = new Stages(files);
    this.bars = new cliProgress.MultiBar(options, cliProgress.Presets.shades_classic);
    if (files > 1)
      this.total = this.bars.create(files, 0, { name: shorten('all files'), stage: this.stages.text });
  }

  say(text: string): void {
    if (this.total) this.total.update({ stage: text });
    else if (this.byId.size === 0) this.stream.write(`${text}\n`);
  }

  add(id: string, name: string): void {
    this.byId.set(id, this.bars.create(100, 0, { name: shorten(name), stage: 'queued' }));
    this.count(id, 'queued');
  }

  update(id: string, fraction: number, stage: string): void {
    this.byId.get(id)?.update(Math.round(fraction * 100), { stage });
    this.count(id, stage);
  }

  end(id: string, outcome: string, ok: boolean): void {
    const bar = this.byId.get(id);
    bar?.update(ok ? 100 : 0, { stage: ok ? outcome : `failed: ${outcome}` });
    bar?.stop();
    this.stages.end(id);
    this.countAll();
  }

  stop(): void {
    this.total?.stop();
    this.bars.stop();
  }

  private count(id: string, stage: string): void {
    this.stages.set(id, stage);
    this.countAll();
  }

  private countAll(): void {
    this.total?.update(this.stages.ended, { stage: this.stages.text });
  }
}

/** The stage of each file; files that nobody has told of yet are still to be sent. */
class Stages {
  ended = 0;
  private readonly byId = new Map<string, string | null>();

  constructor(private readonly files: number) {}

  /** @returns whether this changes anything */
  set(id: string, stage: string): boolean {
    const changed = this.byId.get(id) !== stage;
    this.byId.set(id, stage);
    return changed;
  }

  end(id: string): void {
    this.byId.set(id, null);
    this.ended += 1;
  }

  get text(): string {
    const unsent = Array<string>(Math.max(0, this.files - this.byId.size)).fill('to send');
    return describeCounts([...this.byId.values(), ...unsent]);
  }
}

/** For many files a line for each step of each would be noise: their counts come after this much silence. */
const silenceMs = 5000;

/**
 * For pipes, logs and screen readers: a line for each file when it has ended. One file alone tells each of
 * its stages, several tell their counts now and then.
 */
class Lines implements ProgressView {
  private readonly names = new Map<string, string>();
  private readonly stages: Stages;
  private last = '';
  private lastAt: number;

  constructor(
    private readonly stream: NodeJS.WritableStream,
    private readonly files: number,
    private readonly now: () => number,
  ) {
    this.stages = new Stages(files);
    this.lastAt = now();
  }

  say(text: string): void {
    if (this.files > 1) this.nowAndThen(() => text);
    else this.write(text);
  }

  add(id: string, name: string): void {
    this.names.set(id, name);
    this.stages.set(id, 'queued');
  }

  update(id: string, _fraction: number, stage: string): void {
    const changed = this.stages.set(id, stage);
    if (this.files > 1) this.nowAndThen(() => this.stages.text);
    else if (changed) this.write(`${this.names.get(id) ?? id}: ${stage}`);
  }

  end(id: string, outcome: string, ok: boolean): void {
    this.stages.end(id);
    this.write(
      `[${this.stages.ended}/${this.files}] ${ok ? 'ready ' : 'FAILED'} ${this.names.get(id) ?? id} – ${outcome}`,
    );
  }

  stop(): void {}

  private nowAndThen(read: () => string): void {
    if (this.now() - this.lastAt < silenceMs) return;
    const text = read();
    if (text !== this.last) this.write(text);
  }

  private write(text: string): void {
    this.last = text;
    this.lastAt = this.now();
    this.stream.write(`${text}\n`);
  }
}

const silent: ProgressView = {
  say: () => undefined,
  add: () => undefined,
  update: () => undefined,
  end: () => undefined,
  stop: () => undefined,
};

/** Bars on a terminal, lines elsewhere, nothing where the output is for a machine. */
export function progressView(
  files: number,
  quiet = false,
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = () => performance.now(),
): ProgressView {
  if (quiet) return silent;
  // more bars than lines would scroll the screen full
  const fits = stream.isTTY && files + 3 < (stream.rows ?? 24);
  return fits ? new Bars(stream, files) : new Lines(stream, files, now);
}
