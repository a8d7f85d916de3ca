import { Counter, Gauge, Histogram } from 'prom-client';
import { Metrics } from '../src/platform/metrics/metrics.js';

/**
 * Names in a query of Prometheus that stand for series: what is
 * neither text, a label, a function nor a word of the language.
 */
export function listSeries(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\b(by|on|without|ignoring)\s*\([^)]*\)/g, '')
    .replace(/\[[^\]]*\]/g, '');
  return [...bare.matchAll(/[a-z_][a-z0-9_]*(?!\w*\s*\()\b/gi)]
    .map(([word]) => word)
    .filter((word) => !/^(sum|max|min|count|topk|and|or|unless|by|on|e\d+)$/.test(word) && !/^\d/.test(word));
}

/** Names of the labels that a query selects or groups by. */
export const listLabels = (expression: string): string[] => [
  ...[...expression.matchAll(/\{([^}]*)\}/g)].flatMap(([, inside]) =>
    [...(inside ?? '').matchAll(/([a-z_]+)\s*(?:=|!)/g)].map(([, name]) => name ?? ''),
  ),
  ...[...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, inside]) =>
    (inside ?? '').split(',').map((name) => name.trim()),
  ),
];

/** Names of the labels that docent gives its series; those of each scrape come from Prometheus. */
export const ownLabels = (): string[] =>
  Object.values(new Metrics()).flatMap((metric: unknown) =>
    metric instanceof Counter || metric instanceof Gauge || metric instanceof Histogram
      ? (Reflect.get(metric, 'labelNames') as string[])
      : [],
  );
