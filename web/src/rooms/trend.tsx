/** City occupancy today: what the gateway kept, then the live end of the line. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { get } from '../api/http';
import { catalogue } from '../city/catalogue';
import { knownOf } from '../city/tally';
import { midnight, minuteOf, second } from '../clock';
import { percent } from '../format';
import { cityBody, line } from '../live/city-line';
import { painted, token } from '../look';
import { Icon, Nothing } from '../parts/marks';
import { words } from '../words';
import { tableTrend } from './shown';

/** [time µs, share 0..1 or null where nothing was known] */
type Point = [number, number | null];
type Kept = { bucket_us: number; points: [number, number, number, number][] };

const kept = signal<Kept | null>(null);
/** What this page saw itself, a point each five seconds, for the hours in which nothing was kept yet. */
const seen: Point[] = [];
const HOUR = 3_600e6;
const SEEN_MOST = 720;

export async function readTrend(): Promise<void> {
  const now = Math.round(Date.now() * 1000 + line.skew);
  const from = Math.min(midnight(now), now - HOUR);
  kept.value = await get<Kept>(`/occupancy?place=city&from_us=${from}&to_us=${now}`).catch(() => kept.peek());
}

function remember(): void {
  const body = cityBody.peek();
  const now = second.peek() * 1000 + line.skew;
  const last = seen.at(-1)?.[0] ?? 0;
  if (!body || line.frozen.peek() || line.phase.peek() !== 'open' || now - last < 5e6) return;
  seen.push([now, knownOf(body.counts) ? body.occupancy : null]);
  if (seen.length > SEEN_MOST) seen.shift();
}

/** Kept buckets with a gap where one is missing, then what this page saw after them. */
function points(): Point[] {
  const { bucket_us: step = 300e6, points: rows = [] } = kept.value ?? {};
  const out: Point[] = [];
  for (const [at, occupied, known] of rows) {
    const before = out.at(-1);
    if (before && at - before[0] > step * 1.5) out.push([before[0] + step, null]);
    out.push([at, known > 0 ? occupied / known : null]);
  }
  const end = out.at(-1)?.[0] ?? 0;
  return [...out, ...seen.filter(([at]) => at > end)];
}

/** Midnight to midnight once there are two hours of data; before that the last hour. */
function range(all: Point[], now: number): [number, number] {
  const first = all[0]?.[0] ?? now;
  if (now - first < 2 * HOUR) return [(now - HOUR) / 1e6, (now + HOUR / 20) / 1e6];
  const start = midnight(now);
  return [start / 1e6, start / 1e6 + 86_400];
}

type Size = { width: number; height: number };

function options(size: Size): uPlot.Options {
  const font = `500 11px ${token('--font')}`;
  const axis = { stroke: token('--ink-3'), font, ticks: { show: false }, grid: { stroke: token('--line'), width: 1 } };
  return {
    ...size,
    cursor: { y: false, points: { size: 7 } },
    legend: { show: false },
    padding: [8, 10, 0, 0],
    scales: { x: { time: true, range: () => range(points(), Date.now() * 1000 + line.skew) }, y: { range: [0, 100] } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 24,
        space: 64,
        values: (_, ticks) => ticks.map((s) => minuteOf(s * 1e6)),
      },
      { ...axis, size: 34, splits: [0, 25, 50, 75, 100] },
    ],
    series: [
      {},
      {
        stroke: token('--series-1'),
        width: 2,
        fill: `${token('--series-1')}1f`,
        spanGaps: false,
        points: { show: false },
      },
    ],
    hooks: { draw: [lastPoint], setCursor: [tell] },
  };
}

/** The live end: a dot and the figure beside it. */
function lastPoint(plot: uPlot): void {
  const [xs, ys] = plot.data;
  const i = xs.length - 1;
  const y = ys?.[i];
  if (i < 0 || y === null || y === undefined) return;
  const c = plot.ctx;
  c.save();
  const [px, py] = [plot.valToPos(xs[i] ?? 0, 'x', true), plot.valToPos(y, 'y', true)];
  const ratio = devicePixelRatio;
  c.beginPath();
  c.arc(px, py, 3.5 * ratio, 0, Math.PI * 2);
  c.fillStyle = token('--series-1');
  c.fill();
  c.font = `600 ${12 * ratio}px ${token('--font')}`;
  c.fillStyle = token('--ink');
  const beside = plot.bbox.left + plot.bbox.width - px > 52 * ratio;
  const [tx, ty] = beside ? [px + 8 * ratio, py + 4 * ratio] : [px + 4 * ratio, py - 10 * ratio];
  c.textAlign = beside ? 'left' : 'right';
  c.lineWidth = 4 * ratio;
  c.lineJoin = 'round';
  c.strokeStyle = token('--surface');
  c.strokeText(percent(y / 100), tx, ty);
  c.fillText(percent(y / 100), tx, ty);
  c.restore();
}

const pointed = signal<string | null>(null);
function tell(plot: uPlot): void {
  const i = plot.cursor.idx;
  const y = i === null || i === undefined ? null : plot.data[1]?.[i];
  pointed.value =
    y === null || y === undefined || i === null || i === undefined
      ? null
      : `${minuteOf((plot.data[0][i] ?? 0) * 1e6)} · ${percent(y / 100)}`;
}

const dataOf = (all: Point[]): uPlot.AlignedData => [
  all.map(([at]) => at / 1e6),
  all.map(([, share]) => (share === null ? null : share * 100)),
];

function Chart() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const home = box.current;
    if (!home) return;
    let plot: uPlot | null = null;
    let gone = false;
    const size = (): Size => ({ width: home.clientWidth, height: home.clientHeight });
    const watcher = new ResizeObserver(() => plot?.setSize(size()));
    void import('./trend-engine').then(({ Plot }) => {
      if (gone) return;
      plot = new Plot(options(size()), dataOf(points()), home);
      watcher.observe(home);
    });
    const ends = [
      second.subscribe(() => plot?.setData(dataOf(points()))),
      kept.subscribe(() => plot?.setData(dataOf(points()))),
    ];
    return () => {
      gone = true;
      watcher.disconnect();
      for (const end of ends) end();
      plot?.destroy();
    };
  }, [painted.value]);
  return <div class="chart" ref={box} role="img" aria-label={words.value.trend} />;
}

function TrendTable() {
  const w = words.value;
  const rows = [...(kept.value?.points ?? [])].reverse();
  if (rows.length === 0) return <Nothing icon="chart" title={w.trendEmpty} />;
  return (
    <div class="scroll">
      <table class="tight">
        <thead>
          <tr>
            <th>{w.time}</th>
            <th class="num">{w.value}</th>
            <th class="num">{w.known}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([at, occupied, known, total]) => (
            <tr key={at}>
              <td>{minuteOf(at)}</td>
              <td class="num">{known ? percent(occupied / known) : '–'}</td>
              <td class="num">
                {known} / {total}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Trend() {
  const w = words.value;
  const known = catalogue.value !== null;
  useEffect(() => {
    if (!known) return;
    void readTrend();
    const reader = setInterval(() => void readTrend(), 60_000);
    const end = second.subscribe(remember);
    return () => {
      clearInterval(reader);
      end();
    };
  }, [known]);
  const now = second.peek() * 1000 + line.skew;
  const [from, to] = range(points(), now);
  return (
    <>
      <h3>
        {w.trend}
        <span aria-live="off">{pointed.value ?? w.trendLead(to - from > 7200 ? w.today : w.lastHour)}</span>
        <button
          type="button"
          class="btn ghost sq tiny"
          aria-label={tableTrend.value ? w.asChart : w.asTable}
          title={tableTrend.value ? w.asChart : w.asTable}
          data-test="trend-table"
          onClick={() => {
            tableTrend.value = !tableTrend.value;
          }}
        >
          <Icon name={tableTrend.value ? 'chart' : 'list'} />
        </button>
      </h3>
      {tableTrend.value ? <TrendTable /> : <Chart />}
    </>
  );
}
