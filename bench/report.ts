import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { dirname } from 'node:path';

/** One figure of the service beside its limit, both from the same run. */
export interface Row {
  scenario: string;
  /** Names the row in the recorded file. */
  name: string;
  unit: string;
  own: number;
  /** The program that `own` is compared with, and its figure. */
  beside: string;
  limit: number;
  /** 1 is as good as the limit; less is worse, whatever the unit. */
  ratio: number;
  goal?: number;
}

/** A figure without a limit beside it. */
export interface Note {
  scenario: string;
  figures: Record<string, number | string>;
}

/**
 * The share of its recorded value that a ratio may lose: this
 * machine is not the one that recorded it, and not at rest.
 */
const tolerated = 1 / 3;

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
};

const short = (value: number): string =>
  Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(3);

/** Collects what the scenarios measure: rows make the table, notes are printed as they come. */
export class Report {
  readonly rows: Row[] = [];
  readonly notes: Note[] = [];

  add(row: Row): void {
    this.rows.push(row);
  }

  note(scenario: string, figures: Note['figures']): void {
    this.notes.push({ scenario, figures });
    const texts = Object.entries(figures).map(
      ([name, value]) => `${name} ${typeof value === 'number' ? short(value) : value}`,
    );
    console.log(`${scenario.padEnd(10)} ${texts.join(' · ')}`);
  }

  print(recorded: Record<string, number>): void {
    const head = ['scenario', 'what', 'docent', 'unit', 'beside it', 'limit', 'ratio', 'recorded', 'goal'];
    const lines = this.rows.map((row) => [
      row.scenario,
      row.name,
      short(row.own),
      row.unit,
      row.beside,
      short(row.limit),
      row.ratio.toFixed(2),
      recorded[row.name]?.toFixed(2) ?? '',
      row.goal?.toFixed(2) ?? '',
    ]);
    const widths = head.map((name, column) =>
      Math.max(name.length, ...lines.map((line) => line[column]?.length ?? 0)),
    );
    for (const line of [head, widths.map((width) => '-'.repeat(width)), ...lines])
      console.log(`| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`);
  }

  write(path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    const text = JSON.stringify(
      {
        at: new Date().toISOString(),
        node: process.version,
        load: loadavg()[0],
        rows: this.rows,
        notes: this.notes,
      },
      null,
      2,
    );
    writeFileSync(path, `${text}\n`);
  }
}

export const readRecorded = (path: string): Record<string, number> =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, number>) : {};

/**
 * Rows whose ratio has fallen by more than a third of its recorded value. A row that was never recorded
 * passes, and so does one of wall-clock time: other work on the machine changes it.
 */
export const fallen = (rows: readonly Row[], recorded: Record<string, number>): Row[] =>
  rows.filter(({ name, unit, ratio }) => unit !== 'ms' && ratio < (recorded[name] ?? 0) * (1 - tolerated));
