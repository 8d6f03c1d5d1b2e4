/** How many plates each camera read on a day, against what the city wants of it: those that read least come first. */
import { useState } from 'preact/hooks';
import { catalogue, nameOf } from '../city/catalogue';
import { goTo, openRoom, within } from '../city/place';
import { count } from '../format';
import { Icon, Nothing } from '../parts/marks';
import { useReading } from '../parts/reading';
import { forbids, NoRight, Unread } from '../parts/unread';
import { words } from '../words';

type Rate = { camera: string; lot: string; recognised: number; total: number; rate_pct: number };
type Rates = {
  day: string;
  target_pct: number;
  recognised: number;
  total: number;
  rate_pct: number | null;
  items: Rate[];
  next: string | null;
};

const STEP = 100;
const MOST = 500;
const DAY_MS = 86_400_000;

const pct = (share: number): string => `${share.toFixed(1)}%`;
const beside = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** Which day, as the city counts its days. */
function Day({ day }: { day: string }) {
  const w = words.value.cameras;
  const open = (next: string): void => openRoom('cameras', next);
  return (
    <span class="row">
      <button type="button" class="btn ghost sq" aria-label={w.previousDay} onClick={() => open(beside(day, -1))}>
        <Icon name="left" />
      </button>
      <label class="field day">
        <input
          type="date"
          aria-label={w.day}
          value={day}
          data-test="cameras-day"
          onChange={(event) => event.currentTarget.value && open(event.currentTarget.value)}
        />
      </label>
      <button type="button" class="btn ghost sq" aria-label={w.nextDay} onClick={() => open(beside(day, 1))}>
        <Icon name="right" />
      </button>
    </span>
  );
}

type CardProps = { title: string; lead: string; value: string; note?: string; tone?: string; test: string };

const Card = ({ title, lead, value, note = '', tone = '', test }: CardProps) => (
  <li class="card gauge" data-test={test}>
    <h2>
      {title} <span>{lead}</span>
    </h2>
    <b class={tone}>{value}</b>
    <p class="small ink3">{note}</p>
  </li>
);

function Sums({ told }: { told: Rates }) {
  const w = words.value.cameras;
  const { rate_pct: rate, target_pct: target } = told;
  const short = rate !== null && rate < target;
  return (
    <ul class="gauges three">
      <Card
        title={w.rate}
        lead={w.rateLead(`${target}%`)}
        value={rate === null ? '–' : pct(rate)}
        note={rate === null ? '' : short ? w.short((target - rate).toFixed(1)) : w.reached}
        tone={short ? 'warn' : ''}
        test="cameras-rate"
      />
      <Card title={w.seen} lead={w.seenLead} value={count(told.total)} test="cameras-seen" />
      <Card title={w.unread} lead={w.unreadLead} value={count(told.total - told.recognised)} test="cameras-unread" />
    </ul>
  );
}

/** A share as a bar, with a mark where the target is. */
const Share = ({ share, target }: { share: number; target: number }) => (
  <span class="share aimed" aria-hidden="true">
    <i style={{ width: `${share}%` }} class={share < target ? 'below' : ''} />
    <b style={{ left: `${target}%` }} />
  </span>
);

function Row({ one, target }: { one: Rate; target: number }) {
  const w = words.value.cameras;
  const plan = catalogue.value?.lots.get(one.lot);
  return (
    <tr data-test="camera" data-camera={one.camera}>
      <th scope="row">
        <span class="mono">{one.camera}</span>
        {one.rate_pct < target && <span class="badge wait">{w.below}</span>}
      </th>
      <td data-label={w.section}>
        <button type="button" class="link ell" onClick={() => goTo({ level: 'lot', id: one.lot })}>
          {plan ? nameOf(plan.lot) : one.lot}
        </button>
      </td>
      <td class="num" data-label={w.read}>
        {count(one.recognised)} / {count(one.total)}
      </td>
      <td class="sparked">
        <Share share={one.rate_pct} target={target} />
      </td>
      <td class="num" data-label={w.share}>
        {pct(one.rate_pct)}
      </td>
    </tr>
  );
}

function Each({ told, more }: { told: Rates; more: (() => void) | null }) {
  const w = words.value.cameras;
  if (told.items.length === 0)
    return (
      <section class="card block">
        <Nothing icon="camera" title={w.none}>
          {w.noneLead}
        </Nothing>
      </section>
    );
  return (
    <section class="card block">
      <h2>
        {w.list} <span>{w.listLead}</span>
      </h2>
      <table class="t processes cameras">
        <thead>
          <tr>
            <th scope="col">{w.camera}</th>
            <th scope="col">{w.section}</th>
            <th scope="col" class="num">
              {w.read}
            </th>
            <th scope="col" colSpan={2} class="num">
              {w.share}
            </th>
          </tr>
        </thead>
        <tbody>
          {told.items.map((one) => (
            <Row key={`${one.camera} ${one.lot}`} one={one} target={told.target_pct} />
          ))}
        </tbody>
      </table>
      {more && (
        <p class="row centred">
          <button type="button" class="btn" onClick={more}>
            {w.more}
          </button>
        </p>
      )}
    </section>
  );
}

export function Cameras() {
  const w = words.value;
  const [limit, show] = useState(STEP);
  const asked = within.value;
  const { value: told, error } = useReading<Rates>(
    `/readings/rates?order=rate&limit=${limit}${asked && `&day=${encodeURIComponent(asked)}`}`,
  );
  if (forbids(error)) return <NoRight />;
  return (
    <main class="page" data-test="cameras">
      <header class="page-head">
        <div>
          <h1>{w.cameras.title}</h1>
          <p class="ink2">{told ? w.cameras.lead(`${told.target_pct}%`) : w.loading}</p>
        </div>
        {(told || asked) && <Day day={told?.day ?? asked} />}
      </header>
      <Unread error={error} />
      {told && (
        <>
          <Sums told={told} />
          <Each told={told} more={told.next && limit < MOST ? () => show(limit + STEP) : null} />
        </>
      )}
    </main>
  );
}
