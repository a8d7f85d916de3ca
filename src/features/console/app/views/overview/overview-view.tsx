import { useState } from 'preact/hooks';
import { DocentError } from '@docent/client';
import type { Period, Series, SeriesPoint, Stats } from '../../client/types.js';
import { docent } from '../../state/session.js';
import { useData } from '../../state/use-data.js';
import { formatBytes, formatDuration, formatNumber } from '../../text/format.js';
import { t } from '../../text/texts.js';
import { Notice } from '../../ui/controls.js';
import { LoadState } from '../../ui/load-state.js';
import { Chart, type ChartLine } from './chart.js';

const periods: readonly Period[] = ['hour', 'day', 'week'];
const refreshMs = 30_000;
const percent = (share: number): string => `${Math.round(share * 100)} %`;

interface ChartDefinition {
  name: keyof ReturnType<typeof t>['overview']['charts'];
  bars?: boolean;
  lines: { label?: 'half' | 'most'; value: (point: SeriesPoint) => number | null }[];
  format: (value: number) => string;
  max?: number;
}
const charts: readonly ChartDefinition[] = [
  { name: 'questions', bars: true, lines: [{ value: (point) => point.questions }], format: formatNumber },
  { name: 'answered', lines: [{ value: (point) => point.answered_share }], format: percent, max: 1 },
  {
    name: 'latency',
    lines: [
      { label: 'half', value: (point) => point.latency_ms_p50 },
      { label: 'most', value: (point) => point.latency_ms_p95 },
    ],
    format: formatDuration,
  },
  { name: 'cache', lines: [{ value: (point) => point.cache_share }], format: percent, max: 1 },
  { name: 'documents', lines: [{ value: (point) => point.documents }], format: formatNumber },
  { name: 'queue', lines: [{ value: (point) => point.queue_depth }], format: formatNumber },
  {
    name: 'age',
    lines: [{ value: ({ queue_oldest_seconds: s }) => (s === null ? null : s * 1000) }],
    format: formatDuration,
  },
  { name: 'tokens', bars: true, lines: [{ value: (point) => point.tokens }], format: formatNumber },
];

export default function OverviewView() {
  const [period, setPeriod] = useState<Period>('day');
  const stats = useData(() => docent.stats(), 'stats', { events: true, everyMs: refreshMs });
  const series = useData(() => docent.series(period), period, { everyMs: refreshMs });
  const forbidden = series.error instanceof DocentError && series.error.status === 403;
  return (
    <div class="page-body">
      <div class="page-head">
        <h1>{t().overview.title}</h1>
        <div class="segments" role="group" aria-label={t().overview.period}>
          {periods.map((name) => (
            <button key={name} type="button" aria-pressed={period === name} onClick={() => setPeriod(name)}>
              {t().overview.periods[name]}
            </button>
          ))}
        </div>
      </div>
      <LoadState of={stats} />
      {stats.data && <Figures stats={stats.data} />}
      {forbidden && <Notice>{t().overview.tenantWide}</Notice>}
      {stats.data && !forbidden && <LoadState of={series} />}
      {series.data && <Charts series={series.data} />}
    </div>
  );
}

function Figures({ stats: { documents, document_sets, chunks, queues } }: { stats: Stats }) {
  const figures: [string, string, string | null][] = [
    [
      t().overview.documents,
      formatNumber(documents.total),
      documents.failed > 0 ? `${formatNumber(documents.failed)} ${t().overview.documentsFailed}` : null,
    ],
    [t().overview.sets, formatNumber(document_sets), null],
    [t().overview.passages, formatNumber(chunks), null],
    [t().overview.originals, formatBytes(documents.bytes), null],
    [t().overview.waiting, formatNumber(queues.reduce((sum, { waiting }) => sum + waiting, 0)), null],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value, more]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {more && <dd class="more">{more}</dd>}
        </div>
      ))}
    </dl>
  );
}

function Charts({ series }: { series: Series }) {
  const times = series.points.map(({ at }) => Date.parse(at) / 1000);
  return (
    <div class="charts">
      {charts.map(({ name, bars, lines, format, max }) => {
        const drawn = lines.map(({ label, value }): ChartLine => ({
          label: label ? t().overview[label] : t().overview.charts[name],
          values: series.points.map(value),
        }));
        return (
          <Chart
            key={`${name}/${series.period}`}
            title={t().overview.charts[name]}
            times={times}
            lines={drawn}
            bars={bars}
            format={format}
            max={max}
            whole={format === formatNumber}
          />
        );
      })}
    </div>
  );
}
