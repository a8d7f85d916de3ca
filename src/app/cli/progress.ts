import cliProgress from 'cli-progress';

/** Shows how far each file has come. */
export interface ProgressView {
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
  private ended = 0;

  constructor(
    stream: NodeJS.WriteStream,
    private readonly files: number,
  ) {
    const options = {
      format: '{name} {bar} {percentage}% {stage}',
      barsize: 24,
      hideCursor: true,
      stream,
      forceRedraw: true,
      gracefulExit: true,
    };
    this.bars = new cliProgress.MultiBar(options, cliProgress.Presets.shades_classic);
    if (files > 1)
      this.total = this.bars.create(files, 0, { name: shorten('all files'), stage: `0 of ${files}` });
  }

  add(id: string, name: string): void {
    this.byId.set(id, this.bars.create(100, 0, { name: shorten(name), stage: 'queued' }));
  }

  update(id: string, fraction: number, stage: string): void {
    this.byId.get(id)?.update(Math.round(fraction * 100), { stage });
  }

  end(id: string, outcome: string, ok: boolean): void {
    const bar = this.byId.get(id);
    bar?.update(ok ? 100 : 0, { stage: ok ? outcome : `failed: ${outcome}` });
    bar?.stop();
    this.ended += 1;
    this.total?.update(this.ended, { stage: `${this.ended} of ${this.files}` });
  }

  stop(): void {
    this.total?.stop();
    this.bars.stop();
  }
}

/** One line for each file when it has ended: for pipes, logs and screen readers. */
class Lines implements ProgressView {
  private readonly names = new Map<string, string>();
  private ended = 0;

  constructor(
    private readonly stream: NodeJS.WritableStream,
    private readonly files: number,
  ) {}

  add(id: string, name: string): void {
    this.names.set(id, name);
  }

  update(): void {
    // a line for every step would be noise
  }

  end(id: string, outcome: string, ok: boolean): void {
    this.ended += 1;
    this.stream.write(
      `[${this.ended}/${this.files}] ${ok ? 'ready ' : 'FAILED'} ${this.names.get(id) ?? id} – ${outcome}\n`,
    );
  }

  stop(): void {}
}

const silent: ProgressView = {
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
): ProgressView {
  if (quiet) return silent;
  // more bars than lines would scroll the screen full
  const fits = stream.isTTY && files + 3 < (stream.rows ?? 24);
  return fits ? new Bars(stream, files) : new Lines(stream, files);
}
