/** A small live line without axes: what a figure was in the last minutes, with gaps where nothing is known. */
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { painted, token } from '../look';

/** [time µs, value or null] */
export type Points = [number, number | null][];

const dataOf = (points: Points): uPlot.AlignedData => [
  points.map(([at]) => at / 1e6),
  points.map(([, value]) => value),
];

function options(width: number, height: number, least: number): uPlot.Options {
  return {
    width,
    height,
    cursor: { show: false },
    legend: { show: false },
    padding: [3, 1, 1, 1],
    scales: { x: { time: true }, y: { range: (_, __, high) => [0, Math.max(high, least) * 1.15] } },
    axes: [{ show: false }, { show: false }],
    series: [
      {},
      {
        stroke: token('--series-1'),
        width: 1.5,
        fill: `${token('--series-1')}1f`,
        spanGaps: false,
        points: { show: false },
      },
    ],
  };
}

type Drawn = { points: Points; label: string; height?: number; least?: number };

/** `least`: the line fills its height only from this value on, so that next to nothing looks like it. */
export function Spark({ points, label, height = 36, least = 0.001 }: Drawn) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  useEffect(() => {
    const home = box.current;
    if (!home) return;
    let gone = false;
    const watcher = new ResizeObserver(() => drawn.current?.setSize({ width: home.clientWidth, height }));
    void import('../rooms/trend-engine').then(({ Plot }) => {
      if (gone) return;
      drawn.current = new Plot(options(home.clientWidth, height, least), dataOf(points), home);
      watcher.observe(home);
    });
    return () => {
      gone = true;
      watcher.disconnect();
      drawn.current?.destroy();
      drawn.current = null;
    };
  }, [painted.value, height, least]);
  useEffect(() => drawn.current?.setData(dataOf(points)), [points]);
  return <div class="spark" ref={box} style={{ height }} role="img" aria-label={label} />;
}
