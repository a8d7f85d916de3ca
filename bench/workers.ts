// Ten workers against one Postgres, simulated from measured
// service times: documents a second, and what is busy.
//   node --import ./test/run-typescript.mjs bench/workers.ts [worker-ms] [postgres-ms] [flush-ms]
// The service times are processor time a small document
// (docs/benchmarks/cost.md), and the time of one flush of Postgres' log.

const [workerMs = 9, postgresMs = 5.2, flushMs = 1] = process.argv.slice(2).map(Number);
/** Claim, open and finish; the share of the worker's and of Postgres' time that belongs to each. */
const calls = [0.2, 0.15, 0.65];
const simulatedMs = 20_000;
const slots = 4;

interface Event {
  at: number;
  act: () => void;
}

/** A station with some servers and one line. */
class Station {
  busyMs = 0;
  private free: number;
  private readonly line: { ms: number; done: () => void }[] = [];

  constructor(
    private readonly clock: Clock,
    readonly servers: number,
  ) {
    this.free = servers;
  }

  serve(mean: number, done: () => void): void {
    // service times vary as those of documents do: exponentially
    this.line.push({ ms: -mean * Math.log(1 - this.clock.random()), done });
    this.next();
  }

  private next(): void {
    const job = this.free > 0 ? this.line.shift() : undefined;
    if (!job) return;
    this.free -= 1;
    this.busyMs += job.ms;
    this.clock.after(job.ms, () => {
      this.free += 1;
      job.done();
      this.next();
    });
  }
}

/** The log of Postgres: one flush at a time, for all commits that wait when it begins. */
class Log {
  private waiting: (() => void)[] = [];
  private isFlushing = false;

  constructor(private readonly clock: Clock) {}

  commit(done: () => void): void {
    this.waiting.push(done);
    this.flush();
  }

  private flush(): void {
    if (this.isFlushing || this.waiting.length === 0) return;
    this.isFlushing = true;
    const together = this.waiting.splice(0);
    this.clock.after(flushMs, () => {
      this.isFlushing = false;
      for (const done of together) done();
      this.flush();
    });
  }
}

class Clock {
  now = 0;
  private readonly events: Event[] = [];
  private seed = 1;

  /** The same numbers in every run. */
  random(): number {
    this.seed = (this.seed * 48_271) % 2_147_483_647;
    return this.seed / 2_147_483_647;
  }

  after(ms: number, act: () => void): void {
    const event = { at: this.now + ms, act };
    const place = this.events.findLastIndex(({ at }) => at <= event.at) + 1;
    this.events.splice(place, 0, event);
  }

  run(until: number): void {
    for (let event = this.events.shift(); event && event.at < until; event = this.events.shift()) {
      this.now = event.at;
      event.act();
    }
  }
}

function simulate(
  workers: number,
  postgresCores: number,
): { rate: number; worker: number; postgres: number } {
  const clock = new Clock();
  const postgres = new Station(clock, postgresCores);
  const log = new Log(clock);
  const machines = Array.from({ length: workers }, () => new Station(clock, 1));
  let documents = 0;
  const document = (machine: Station, call: number): void => {
    const share = calls[call];
    if (share === undefined) {
      documents += 1;
      document(machine, 0);
      return;
    }
    machine.serve(workerMs * share, () =>
      postgres.serve(postgresMs * share, () => log.commit(() => document(machine, call + 1))),
    );
  };
  for (const machine of machines) for (let slot = 0; slot < slots; slot += 1) document(machine, 0);
  clock.run(simulatedMs);
  const busy = (stations: Station[]): number =>
    stations.reduce((sum, { busyMs, servers }) => sum + busyMs / servers, 0) / stations.length / simulatedMs;
  return { rate: (documents * 1000) / simulatedMs, worker: busy(machines), postgres: busy([postgres]) };
}

const percent = (share: number): string => `${Math.round(Math.min(1, share) * 100)} %`;
console.log(`worker ${workerMs} ms, Postgres ${postgresMs} ms a document, a flush ${flushMs} ms`);
console.log('| workers | cores of Postgres | documents/s | workers busy | Postgres busy |');
console.log('| ------- | ----------------- | ----------- | ------------ | ------------- |');
for (const cores of [2, 4, 8])
  for (const workers of [1, 2, 4, 10]) {
    const { rate, worker, postgres } = simulate(workers, cores);
    console.log(
      `| ${workers} | ${cores} | ${Math.round(rate)} | ${percent(worker)} | ${percent(postgres)} |`,
    );
  }
