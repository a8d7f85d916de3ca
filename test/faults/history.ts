import type { Client } from './client.js';
import type { Load } from './load.js';

export interface Recovery {
  name: string;
  note: string;
  /** Milliseconds that the fault itself lasted. */
  lasted: number;
  /** Milliseconds from its end until everything accepted before was done. */
  recovered: number;
  stuck: string[];
}

/** A log of all actions with their times, as lines of JSON. */
export class History {
  private readonly begun = performance.now();
  private readonly lines: string[] = [];

  write(entry: Record<string, unknown>): void {
    this.lines.push(JSON.stringify({ at_ms: Math.round(performance.now() - this.begun), ...entry }));
  }

  text(): string {
    return `${this.lines.join('\n')}\n`;
  }
}

interface Ended {
  seed: number;
  control: string | undefined;
  recoveries: readonly Recovery[];
  found: readonly string[];
  load: Load;
  client: Client;
  path: string;
  folder: string;
}

const kinds = ['lost', 'doubled', 'stuck', 'orphaned', 'wrong', 'innocent'];
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

export function summarize({ seed, control, recoveries, found, load, client, path, folder }: Ended): string {
  const byName = Map.groupBy(recoveries, ({ name }) => name);
  const times = [...byName].map(([name, all]) => {
    const sorted = all.map(({ recovered }) => recovered).sort((left, right) => left - right);
    return `  ${name.padEnd(24)} ${String(all.length).padStart(3)} times, recovered in ${seconds(sorted[Math.floor((sorted.length - 1) / 2)] ?? 0)} (median), ${seconds(sorted.at(-1) ?? 0)} (worst)`;
  });
  const { uploads, versions, repeats, deletions, aborts, unsure } = load.counts;
  const tally = kinds.map((kind) => `${kind} ${found.filter((line) => line.includes(` ${kind}`)).length}`);
  const others = found.filter((line) => !kinds.some((kind) => line.includes(` ${kind}`))).length;
  return `${[
    '',
    `seed ${seed}${control ? `, control run ${control}` : ''}: ${recoveries.length} faults, ${uploads} uploads, ${versions} new versions, ${repeats} repeats, ${deletions} deletions, ${aborts} broken off; ${unsure} answers lost; slowest answer ${seconds(client.slowestMs)}`,
    ...times,
    `${tally.join(', ')}, others ${others}`,
    ...(client.unjudged.length > 0
      ? [
          `NOT JUDGED, as others kept the machine busy: ${client.unjudged.length} late, e.g. ${client.unjudged[0]}`,
        ]
      : []),
    ...found.slice(0, 40).map((line) => `  ${line}`),
    ...(found.length > 40 ? [`  … and ${found.length - 40} more`] : []),
    `history: ${path}${found.length > 0 ? `, logs: ${folder}` : ''}`,
    found.length > 0 ? 'FAILED' : 'every invariant held',
  ].join('\n')}\n`;
}
