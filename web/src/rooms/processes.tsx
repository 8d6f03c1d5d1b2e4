/** The processes of the city: cells with what they carry and how fast, and the others beside them. */
import type { ComponentChildren } from 'preact';
import { bytes, count, span, took } from '../format';
import { Spark } from '../parts/spark';
import { words } from '../words';
import { type EngineTold, lineOf, nowUs, storesNothing, type WorkerTold } from './engine-told';

function Standing({ worker }: { worker: WorkerTold }) {
  const w = words.value.engine;
  if (worker.up && storesNothing(worker))
    return (
      <span class="live plain late">
        <b />
        {w.storesNothing}
      </span>
    );
  if (worker.up)
    return (
      <span class="live plain">
        <b />
        {w.answers}
      </span>
    );
  return (
    <span class="live plain cut">
      <b />
      {worker.since_us === null ? w.notYet : w.silent(span(worker.unheard_us))}
    </span>
  );
}

/** A figure that is not of this moment is faint: its worker is silent. */
const Cell = ({
  label,
  up,
  children,
  tone = '',
}: {
  label: string;
  up: boolean;
  children: ComponentChildren;
  tone?: string;
}) => (
  <td class={`num ${tone} ${up ? '' : 'faint'}`} data-label={label}>
    {children}
  </td>
);

/** Whether the city has several machines: then a process is named with its own. */
const spread = (told: EngineTold): boolean =>
  new Set(told.workers.map((worker) => worker.host).filter((host) => host !== null)).size > 1;

/** With the number by which its machine knows the process. */
const Name = ({ worker, spread }: { worker: WorkerTold; spread: boolean }) => (
  <th scope="row">
    <span class="mono">{worker.name}</span>
    <Standing worker={worker} />
    {worker.pid !== null && worker.up && (
      <span class="who">{words.value.engine.process(worker.pid, spread ? worker.host : null)}</span>
    )}
  </th>
);

const running = (worker: WorkerTold): string => (worker.since_us === null ? '–' : span(nowUs() - worker.since_us));

function CellRow({ worker, told, spread }: { worker: WorkerTold; told: EngineTold; spread: boolean }) {
  const w = words.value.engine;
  const { cell, up } = worker;
  const missing = cell ? cell.placed_slots - cell.slots : 0;
  const rate = cell?.turns_per_s;
  return (
    <tr data-test="cell-row" data-name={worker.name}>
      <Name worker={worker} spread={spread} />
      <Cell label={w.slots} up={up} tone={missing > 0 ? 'bad' : ''}>
        {cell ? count(cell.slots) : '–'}
        {missing > 0 && <span class="small"> {w.slotsMissing(count(missing))}</span>}
      </Cell>
      <Cell label={w.actors} up={up}>
        {cell ? count(cell.actors) : '–'}
      </Cell>
      <Cell label={w.turns} up={up}>
        {rate === null || rate === undefined ? '–' : rate < 10 ? rate.toFixed(1) : count(rate)}
      </Cell>
      <td class="sparked">
        <Spark
          points={lineOf(told, `cell:${worker.name}`)}
          label={`${worker.name}: ${w.turns}, ${w.lastMinutes}`}
          height={26}
        />
      </td>
      <Cell label={w.commit50} up={up}>
        {took(cell?.commit_p50_us ?? null)}
      </Cell>
      <Cell label={w.commit99} up={up} tone={(cell?.commit_p99_us ?? 0) > 1e6 ? 'warn' : ''}>
        {took(cell?.commit_p99_us ?? null)}
      </Cell>
      <Cell label={w.waits} up={up}>
        {cell ? count(cell.outbox_letters) : '–'}
      </Cell>
      <Cell label={w.lag99} up={up} tone={(worker.loop_lag_p99_us ?? 0) > 1e6 ? 'warn' : ''}>
        {took(worker.loop_lag_p99_us)}
      </Cell>
      <Cell label={w.memory} up={up}>
        {bytes(worker.memory_bytes)}
      </Cell>
      <Cell label={w.since} up={up}>
        {running(worker)}
      </Cell>
    </tr>
  );
}

export function Cells({ told }: { told: EngineTold }) {
  const w = words.value.engine;
  const several = spread(told);
  const cells = told.workers.filter((worker) => worker.role === 'cell').sort((a, b) => a.name.localeCompare(b.name));
  return (
    <section class="card block">
      <h2>
        {w.cells} <span>{w.cellsLead}</span>
      </h2>
      <table class="processes" data-test="cells">
        <thead>
          <tr>
            <th>{w.worker}</th>
            <th class="num">{w.slots}</th>
            <th class="num">{w.actors}</th>
            <th class="num">{w.turns}</th>
            <th>{w.lastMinutes}</th>
            <th class="num">{w.commit50}</th>
            <th class="num">{w.commit99}</th>
            <th class="num">{w.waits}</th>
            <th class="num">{w.lag99}</th>
            <th class="num">{w.memory}</th>
            <th class="num">{w.since}</th>
          </tr>
        </thead>
        <tbody>
          {cells.map((worker) => (
            <CellRow key={worker.name} worker={worker} told={told} spread={several} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function Others({ told }: { told: EngineTold }) {
  const w = words.value.engine;
  const several = spread(told);
  return (
    <section class="card block">
      <h2>
        {w.others} <span>{w.othersLead}</span>
      </h2>
      <table class="processes">
        <thead>
          <tr>
            <th>{w.worker}</th>
            <th class="num">{w.cpu}</th>
            <th class="num">{w.lag99}</th>
            <th class="num">{w.memory}</th>
            <th class="num">{w.since}</th>
          </tr>
        </thead>
        <tbody>
          {told.workers
            .filter((worker) => worker.role !== 'cell')
            .map((worker) => (
              <tr key={worker.name}>
                <Name worker={worker} spread={several} />
                <Cell label={w.cpu} up={worker.up}>
                  {worker.cpu === null ? '–' : worker.cpu.toFixed(2)}
                </Cell>
                <Cell label={w.lag99} up={worker.up}>
                  {took(worker.loop_lag_p99_us)}
                </Cell>
                <Cell label={w.memory} up={worker.up}>
                  {bytes(worker.memory_bytes)}
                </Cell>
                <Cell label={w.since} up={worker.up}>
                  {running(worker)}
                </Cell>
              </tr>
            ))}
        </tbody>
      </table>
    </section>
  );
}
