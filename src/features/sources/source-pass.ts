import type { SourceCounts, SourceItemRow, SourceRow } from '../../platform/database/functions.js';
import type { KnownItem, ListingStart, SourceItem } from './source.js';

/** The data that a row keeps between the runs of a pass. */
interface Progress {
  /** The driver's own checkpoint. */
  at: string | null;
  counts: SourceCounts;
  /** Start of the pass, in milliseconds. */
  begun: number;
}

/** An older pass begins again: a place where it always ends would keep it from seeing new items. */
const maxPassMs = 7 * 86_400_000;

const noCounts: SourceCounts = { listed: 0, added: 0, changed: 0, unchanged: 0, removed: 0, failed: 0 };

/**
 * One complete listing of a source, which may take several
 * runs: what was known before, and what it has listed.
 */
export class SourcePass implements ListingStart {
  readonly checkpoint: string | null;
  readonly counts: SourceCounts;
  private readonly rows: Map<string, SourceItemRow>;
  private readonly listed = new Set<string>();
  private readonly begun: number;

  constructor(
    private readonly source: SourceRow,
    rows: SourceItemRow[],
  ) {
    this.rows = new Map(rows.map((row) => [row.key, row]));
    const { at, counts, begun } = parseProgress(source.checkpoint);
    this.checkpoint = at;
    this.counts = counts;
    this.begun = begun;
  }

  find(key: string): KnownItem | undefined {
    const row = this.rows.get(key);
    return row && { version: row.version, memo: row.memo, isListed: row.pass === this.source.pass };
  }

  row(key: string): SourceItemRow | undefined {
    return this.rows.get(key);
  }

  note({ key }: SourceItem): void {
    this.listed.add(key);
    this.counts.listed += 1;
  }

  /** As the row keeps it, for a run that goes on from `at`. */
  progress(at: string): string {
    return JSON.stringify({ at, counts: this.counts, begun: this.begun } satisfies Progress);
  }

  /** As the row keeps it when the pass is complete; null for a driver that begins again each time. */
  end(at: string | null): string | null {
    return at === null ? null : JSON.stringify({ at });
  }

  vanished(told: 'unlisted' | string[]): SourceItemRow[] {
    if (told !== 'unlisted') return told.flatMap((key) => this.rows.get(key) ?? []);
    return [...this.rows.values()].filter(
      ({ key, pass }) => !this.listed.has(key) && pass !== this.source.pass,
    );
  }
}

function parseProgress(checkpoint: string | null): Progress {
  const begins: Progress = { at: null, counts: { ...noCounts }, begun: Date.now() };
  if (checkpoint === null) return begins;
  const kept = JSON.parse(checkpoint) as Pick<Progress, 'at'> & Partial<Progress>;
  if (kept.begun !== undefined && Date.now() - kept.begun > maxPassMs) return begins;
  return { ...begins, ...kept };
}
