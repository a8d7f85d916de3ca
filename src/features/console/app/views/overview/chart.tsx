import { useEffect, useId, useRef } from 'preact/hooks';
import UPlot, { type Options } from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useCell } from '../../state/cell.js';
import { theme } from '../../state/preferences.js';
import { regionalLocale } from '../../text/format.js';
import { t } from '../../text/texts.js';

export interface ChartLine {
  label: string;
  /** Null where nothing was measured. */
  values: (number | null)[];
}
interface ChartProps {
  title: string;
  /** Seconds since 1970. */
  times: number[];
  lines: ChartLine[];
  bars?: boolean;
  format: (value: number) => string;
  max?: number;
  /** True when the figures are counts. */
  whole?: boolean;
}

const height = 150;
const axisWidth = 58;
const daySeconds = 86_400;

const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function timeLabel(seconds: number, span: number): string {
  return new Date(seconds * 1000).toLocaleString(
    regionalLocale(),
    span > 2 * daySeconds ? { weekday: 'short', day: 'numeric' } : { hour: '2-digit', minute: '2-digit' },
  );
}

function makeOptions({ times, lines, bars, format, max, whole }: ChartProps, width: number): Options {
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0);
  const grid = { stroke: colour('--line'), width: 1 };
  const axis = { stroke: colour('--soft'), grid, ticks: { show: false }, font: '12px system-ui, sans-serif' };
  return {
    width,
    height,
    cursor: { y: false, points: { size: 7 } },
    legend: { show: false },
    scales: { y: { range: (_, __, top) => [0, max ?? Math.max(top ?? 0, 1) * 1.08] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 28,
        space: 70,
        values: (_, ticks) => ticks.map((tick) => timeLabel(tick, span)),
      },
      {
        ...axis,
        size: axisWidth,
        space: 40,
        values: (_, ticks) => ticks.map((tick) => (whole && !Number.isInteger(tick) ? '' : format(tick))),
      },
    ],
    series: [
      {},
      ...lines.map((_, index) => {
        const stroke = colour(index === 0 ? '--chart-1' : '--chart-2');
        return {
          stroke,
          width: 2,
          spanGaps: false,
          points: { show: true, size: 6, fill: stroke },
          ...(bars && {
            fill: stroke,
            points: { show: false },
            paths: UPlot.paths.bars?.({ size: [0.7, 40] }),
            width: 0,
          }),
        };
      }),
    ],
  };
}

/** A picture of figures over time, with the same figures as a table. */
export function Chart(props: ChartProps) {
  const { title, times, lines, format } = props;
  const frame = useRef<HTMLDivElement>(null);
  const reading = useRef<HTMLParagraphElement>(null);
  const id = useId();
  const chosenTheme = useCell(theme);
  const empty = lines.every(({ values }) => values.every((value) => value === null || value === 0));

  useEffect(() => {
    const element = frame.current;
    if (!element || empty) return;
    const draw = () => {
      const options = makeOptions(props, element.clientWidth);
      const plot = new UPlot(
        { ...options, hooks: { setCursor: [({ cursor }) => tell(cursor.idx ?? null)] } },
        [times, ...lines.map(({ values }) => values)] as UPlot.AlignedData,
        element,
      );
      return plot;
    };
    const tell = (index: number | null) => {
      if (!reading.current) return;
      const parts = lines.flatMap(({ label, values }) => {
        const value = index === null ? null : values[index];
        return value === null || value === undefined
          ? []
          : [`${lines.length > 1 ? `${label} ` : ''}${format(value)}`];
      });
      reading.current.textContent =
        index === null || parts.length === 0
          ? ''
          : `${new Date((times[index] ?? 0) * 1000).toLocaleString(regionalLocale(), { dateStyle: 'short', timeStyle: 'short' })} · ${parts.join(' · ')}`;
    };
    let plot = draw();
    const redraw = () => {
      plot.destroy();
      plot = draw();
    };
    const resized = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    const dark = matchMedia('(prefers-color-scheme: dark)');
    resized.observe(element);
    dark.addEventListener('change', redraw);
    return () => {
      resized.disconnect();
      dark.removeEventListener('change', redraw);
      plot.destroy();
    };
  }, [times.join(), JSON.stringify(lines), chosenTheme, empty]);

  return (
    <figure class="chart" aria-labelledby={id}>
      <figcaption id={id}>{title}</figcaption>
      {lines.length > 1 && (
        <p class="chart-key" aria-hidden="true">
          {lines.map(({ label }, index) => (
            <span key={label} class={`key-${index + 1}`}>
              {label}
            </span>
          ))}
        </p>
      )}
      {empty ? <p class="hint chart-empty">{t().overview.noData}</p> : <div ref={frame} aria-hidden="true" />}
      <p class="chart-reading" ref={reading} aria-hidden="true" />
      {!empty && (
        <details>
          <summary>{t().overview.asTable}</summary>
          <div class="table-frame" tabIndex={0} role="region" aria-label={title}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t().overview.time}</th>
                  {lines.map(({ label }) => (
                    <th key={label} scope="col" class="number-cell">
                      {label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {times.map((time, row) => (
                  <tr key={time}>
                    <td>
                      {new Date(time * 1000).toLocaleString(regionalLocale(), {
                        dateStyle: 'short',
                        timeStyle: 'short',
                      })}
                    </td>
                    {lines.map(({ label, values }) => {
                      const value = values[row];
                      return (
                        <td key={label} class="number-cell">
                          {value === null || value === undefined ? t().common.none : format(value)}
                        </td>
                      );
                    })}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </figure>
  );
}
