const at = (sorted, share) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
const rounded = (value) => Math.round(value * 10) / 10;

/**
 * @param times milliseconds of the answers that came; `statuses` counts all of them, failures by their code
 */
export function summarize(times, statuses, seconds) {
  const sorted = Float64Array.from(times).sort();
  const total = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  const good = Object.entries(statuses).reduce(
    (sum, [status, count]) => sum + (status.startsWith('2') ? count : 0),
    0,
  );
  return {
    requests: total,
    per_second: rounded(total / seconds),
    p50_ms: rounded(at(sorted, 0.5)),
    p95_ms: rounded(at(sorted, 0.95)),
    p99_ms: rounded(at(sorted, 0.99)),
    max_ms: rounded(sorted.at(-1) ?? Number.NaN),
    error_rate: total === 0 ? 1 : Math.round(((total - good) / total) * 10_000) / 10_000,
    statuses,
  };
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * `clients` of them call `act(number)` until the time is over or `goOn` says no: each again as soon as it has
 * its answer, or with `perSecond` in turns that give that many calls a second together. A turn's time runs
 * from when it was due, so that a service that stalls does not hide whom it kept waiting.
 */
export async function hammer(act, { clients, seconds, perSecond, goOn = () => true }) {
  const times = [];
  const statuses = {};
  const start = performance.now();
  const end = start + seconds * 1000;
  let number = 0;
  const turn = async (begun) => {
    let status;
    try {
      ({ status } = await act(number++));
    } catch (error) {
      status = error.code ?? error.name;
    }
    times.push(performance.now() - begun);
    statuses[status] = (statuses[status] ?? 0) + 1;
    // a refused client does not retry at full speed
    if (status === 429 || status === 'ECONNREFUSED') await pause(50);
  };
  const one = async (_, client) => {
    for (let round = 0; goOn(); round++) {
      const due = perSecond ? start + ((round * clients + client) / perSecond) * 1000 : performance.now();
      if (due >= end) return;
      if (due > performance.now()) await pause(due - performance.now());
      await turn(due);
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
  return summarize(times, statuses, (performance.now() - start) / 1000);
}

/**
 * True when a series of megabytes keeps rising: the last third above
 * the second, by a tenth and by 30 MB. The first third is warm-up.
 */
export function growth(series) {
  // a heap rises until it is collected: its low values say what is kept
  const low = (values) => at(Float64Array.from(values).sort(), 0.25);
  const third = Math.floor(series.length / 3);
  if (third < 2) return { verdict: 'too short to tell', from_mb: series[0], to_mb: series.at(-1) };
  const from = low(series.slice(third, 2 * third));
  const to = low(series.slice(2 * third));
  return {
    verdict: to > from * 1.1 && to - from > 30 ? 'grows' : 'steady',
    from_mb: rounded(from),
    to_mb: rounded(to),
  };
}
