/** What a stay costs as it grows, as steps over its length: one or two tariffs, the periods below, a card under the hand. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { span } from '../format';
import { lang, words } from '../words';
import { money } from './money';
import type { Curves, Step } from './told';
import { wallOf } from './wall';

const HEIGHT = 300;
const LEFT = 46;
const RIGHT = 12;
const TOP = 14;
const FOOT = 30;
const MINUTE = 60e6;
const HOUR = 3600e6;

/** The charge of a stay so long: a step holds from just after its moment on. */
export function chargeAt(steps: Step[], after: number): number {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] as Step)[0] < after) low = middle + 1;
    else high = middle;
  }
  return after > 0 ? ((steps[low - 1]?.[1] as number | undefined) ?? 0) : 0;
}

const NICE = [1, 2, 2.5, 5, 10];
/** A round step of an axis with at most so many. */
export function roundStep(most: number, parts: number): number {
  const raw = most / parts || 1;
  const size = 10 ** Math.floor(Math.log10(raw));
  return (NICE.find((one) => one * size >= raw) ?? 10) * size;
}
const HOURS = [0.25, 0.5, 1, 2, 3, 4, 6, 12, 24, 48, 96, 168];

type Named = { name: string; steps: Step[] };
type Drawing = { told: Curves; names: string[]; entry: number; stay: number };

function useWidth(): [preact.RefObject<HTMLDivElement | null>, number] {
  const box = useRef<HTMLDivElement>(null);
  const [width, set] = useState(640);
  useEffect(() => {
    const home = box.current;
    if (!home) return;
    const watcher = new ResizeObserver(() => set(Math.max(280, home.clientWidth)));
    watcher.observe(home);
    return () => watcher.disconnect();
  }, []);
  return [box, width];
}

function pathOf(steps: Step[], x: (us: number) => number, y: (fen: number) => number, end: number): string {
  const parts = [`M${x(0).toFixed(1)} ${y(0).toFixed(1)}`];
  for (const [after, fen] of steps) parts.push(`H${x(after).toFixed(1)}V${y(fen).toFixed(1)}`);
  return `${parts.join('')}H${x(end).toFixed(1)}`;
}

function Axes({
  most,
  step,
  x,
  y,
  length,
  width,
  currency,
}: {
  most: number;
  step: number;
  x: (us: number) => number;
  y: (fen: number) => number;
  length: number;
  width: number;
  currency: string;
}) {
  const rows = Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, n) => n * step);
  const hours = length / HOUR;
  const every = HOURS.find((one) => hours / one <= Math.max(3, width / 72)) ?? 168;
  const marks = Array.from({ length: Math.floor(hours / every + 1e-9) + 1 }, (_, n) => n * every);
  return (
    <>
      {rows.map((fen) => (
        <g key={fen}>
          <path class="grid" d={`M${LEFT} ${y(fen)}H${width - RIGHT}`} />
          <text class="tick" x={LEFT - 8} y={y(fen) + 4} text-anchor="end">
            {money(fen, currency).replace(/\.00$/, '')}
          </text>
        </g>
      ))}
      {marks.map((hour) => (
        <text key={hour} class="tick" x={x(hour * HOUR)} y={HEIGHT - 10} text-anchor="middle">
          {hour}h
        </text>
      ))}
    </>
  );
}

/** What the card under the hand says. */
function Card({
  at,
  x,
  named,
  told,
  entry,
  width,
}: {
  at: number;
  x: number;
  named: Named[];
  told: Curves;
  entry: number;
  width: number;
}) {
  return (
    <div class="chart-card float" style={x > width / 2 ? { right: `${width - x + 12}px` } : { left: `${x + 12}px` }}>
      <b>{words.value.tariffs.stayed(span(at))}</b>
      <span class="ink3">
        {wallOf(entry + at, told.zone)
          .slice(5, 16)
          .replace('T', ' ')}
      </span>
      {named.map((one, n) => (
        <span key={one.name} class={`s${n}`}>
          {one.name} <b>{money(chargeAt(one.steps, at), told.currency)}</b>
        </span>
      ))}
    </div>
  );
}

function Table({ named, told }: { named: Named[]; told: Curves }) {
  const moments = [...new Set(named.flatMap((one) => one.steps.map(([after]) => after)))].sort((a, b) => a - b);
  return (
    <div class="chart-table rolls">
      <table>
        <thead>
          <tr>
            <th>{words.value.tariffs.longerThan}</th>
            {named.map((one) => (
              <th key={one.name} class="num">
                {one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {moments.slice(0, 400).map((after) => (
            <tr key={after}>
              <td>{span(after)}</td>
              {named.map((one) => (
                <td key={one.name} class="num">
                  {money(chargeAt(one.steps, after + 1), told.currency)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How lengths and charges lie in the picture. */
type Scale = { x: (us: number) => number; y: (fen: number) => number; width: number; most: number; step: number };

function scaleOf(named: Named[], length: number, width: number): Scale {
  const highest = Math.max(100, ...named.map((one) => (one.steps.at(-1) as Step)[1]));
  const step = Math.max(1, roundStep(highest, 5));
  const most = Math.ceil(highest / step) * step;
  return {
    x: (us) => LEFT + ((width - LEFT - RIGHT) * us) / length,
    y: (fen) => HEIGHT - FOOT - ((HEIGHT - FOOT - TOP) * fen) / most,
    ...{ width, most, step },
  };
}

function Band({ band, n, entry, x }: { band: Curves['bands'][number]; n: number; entry: number; x: Scale['x'] }) {
  const from = x(band.from_us - entry);
  const wide = x(band.to_us - entry) - from;
  const name = band.name[lang.value] ?? '';
  const fits = wide > name.length * (lang.value === 'zh' ? 13 : 7) + 10;
  return (
    <g>
      <rect class={n % 2 || !name ? 'band on' : 'band'} x={from} y={TOP} width={wide} height={HEIGHT - TOP - FOOT} />
      {fits && (
        <text class="band-name" x={from + wide / 2} y={HEIGHT - FOOT - 8} text-anchor="middle">
          {name || words.value.tariffs.freeTime}
        </text>
      )}
    </g>
  );
}

/** The curves, and where the hand is on each. */
const Lines = ({
  named,
  scale,
  length,
  shown,
}: {
  named: Named[];
  scale: Scale;
  length: number;
  shown: number | null;
}) => (
  <>
    {[...named].reverse().map((one, n) => (
      <path key={one.name} class={`curve s${named.length - 1 - n}`} d={pathOf(one.steps, scale.x, scale.y, length)} />
    ))}
    {shown !== null && (
      <g>
        <path class="hand" d={`M${scale.x(shown)} ${TOP}V${HEIGHT - FOOT}`} />
        {named.map((one, n) => (
          <circle key={one.name} class={`s${n}`} cx={scale.x(shown)} cy={scale.y(chargeAt(one.steps, shown))} r="4" />
        ))}
      </g>
    )}
  </>
);

const MOVES: Record<string, number> = { ArrowLeft: -15, ArrowRight: 15, PageUp: -60, PageDown: 60 };

type Picture = {
  named: Named[];
  told: Curves;
  entry: number;
  scale: Scale;
  shown: number | null;
  look: (us: number | null) => void;
};

/** The drawing itself: a slider over the length of the stay, for the hand and for keys. */
function Picture({ named, told, entry, scale, shown, look }: Picture) {
  const w = words.value.tariffs;
  const at = shown ?? 0;
  const moveTo = (us: number): void => look(Math.min(told.length_us, Math.max(0, Math.round(us / MINUTE) * MINUTE)));
  const each = named.map((one) => `${one.name} ${money(chargeAt(one.steps, at), told.currency)}`);
  return (
    <svg
      width={scale.width}
      height={HEIGHT}
      role="slider"
      tabindex={0}
      aria-label={w.chartLabel}
      aria-valuemin={0}
      aria-valuemax={told.length_us / MINUTE}
      aria-valuenow={at / MINUTE}
      aria-valuetext={`${w.stayed(span(at))} ${each.join(' ')}`}
      onPointerMove={(event) => {
        const left = event.clientX - event.currentTarget.getBoundingClientRect().left - LEFT;
        moveTo((left / (scale.width - LEFT - RIGHT)) * told.length_us);
      }}
      onPointerLeave={() => look(null)}
      onKeyDown={(event) => {
        const by = MOVES[event.key];
        if (by === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        moveTo(at + by * MINUTE);
      }}
    >
      {told.bands.map((band, n) => (
        <Band key={band.from_us} band={band} n={n} entry={entry} x={scale.x} />
      ))}
      <Axes {...scale} length={told.length_us} currency={told.currency} />
      <Lines named={named} scale={scale} length={told.length_us} shown={shown} />
    </svg>
  );
}

export function PriceChart({ told, names, entry, stay }: Drawing) {
  const w = words.value.tariffs;
  const [box, width] = useWidth();
  const [at, look] = useState<number | null>(null);
  const [asTable, tabulate] = useState(false);
  const named = told.curves.map((curve, n) => ({ name: names[n] ?? '', steps: curve.steps }));
  const scale = scaleOf(named, told.length_us, width);
  const shown = at ?? (stay <= told.length_us ? stay : null);
  return (
    <figure class="price-chart" data-test="price-chart">
      <figcaption class="row between">
        <span class="row legend">
          {named.map((one, n) => (
            <span key={one.name} class={`s${n}`}>
              <i />
              {one.name}
            </span>
          ))}
        </span>
        <button type="button" class="btn ghost small-btn" aria-pressed={asTable} onClick={() => tabulate(!asTable)}>
          {asTable ? w.asChart : w.asTable}
        </button>
      </figcaption>
      <div ref={box} class="chart-box">
        {asTable ? <Table named={named} told={told} /> : <Picture {...{ named, told, entry, scale, shown, look }} />}
        {!asTable && at !== null && <Card at={at} x={scale.x(at)} {...{ named, told, entry, width }} />}
      </div>
    </figure>
  );
}
