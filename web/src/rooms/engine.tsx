/** The engine's page: who carries the city and how well, what lags, what was set aside, and who died and came back. */
import { openRoom } from '../city/place';
import { age, bytes, count, delay, span, took } from '../format';
import { Icon } from '../parts/marks';
import { useReading, useTurns } from '../parts/reading';
import { type Points, Spark } from '../parts/spark';
import { forbids, NoRight, Unread } from '../parts/unread';
import { words } from '../words';
import {
  brokerAway,
  databaseAway,
  type EngineTold,
  type IngestTold,
  type LagTold,
  lineOf,
  nowUs,
  outOfDate,
  type StoreTold,
} from './engine-told';
import { ParkedFrames, ParkedMessages } from './parked';
import { Cells, Others } from './processes';
import { Recoveries } from './recoveries';

const EVERY_MS = 2000;
const LATE_US = 10e6;
/** Projections take pages four times a second: so much is no lag. */
const UP_TO_DATE_US = 1e6;
/** The views say themselves how far they are behind what they could read: that they say it now is no reading. */
const NEWLY_US = 2e6;
/** A line of seconds shows less than one as nearly nothing. */
const LINE_LEAST_S = 1;
const DAY_US = 86_400e6;

type CardProps = {
  title: string;
  lead: string;
  value: string;
  tone?: string;
  notes: string[];
  points: Points;
  least?: number;
};

const Card = ({ title, lead, value, tone = '', notes, points, least }: CardProps) => (
  <li class="card gauge">
    <h2>
      {title} <span>{lead}</span>
    </h2>
    <b class={tone}>{value}</b>
    <p class="small ink3">{notes.filter(Boolean).join(' · ')}</p>
    <Spark points={points} label={`${title}, ${words.value.engine.lastMinutes}`} {...(least && { least })} />
  </li>
);

const farthest = (lags: LagTold[]): LagTold | undefined => [...lags].sort((a, b) => b.behind_us - a.behind_us)[0];
/** From which share of what may wait at the broker it is worth saying. */
const WORTH_SAYING = 0.1;

const toneOf = (us: number): string => (us > 60e6 ? 'bad' : us > 5e6 ? 'warn' : '');

function LagCard({ title, lead, lags, points }: { title: string; lead: string; lags: LagTold[]; points: Points }) {
  const w = words.value.engine;
  const worst = farthest(lags);
  if (!worst) return <Card title={title} lead={lead} value="–" notes={[]} points={points} />;
  if (outOfDate(worst.unread_us)) {
    const notes = worst.unread_us > NEWLY_US ? [w.asOf(age(worst.unread_us / 1e6))] : [];
    return <Card title={title} lead={lead} value={w.unread} tone="bad" notes={notes} points={points} />;
  }
  const late = worst.behind_us > UP_TO_DATE_US;
  const named = lags.length > 1 && late ? (w.names[worst.name] ?? worst.name) : '';
  const pages = lags.reduce((sum, lag) => sum + lag.pages, 0);
  return (
    <Card
      title={title}
      lead={lead}
      value={late ? w.behind(delay(worst.behind_us)) : w.upToDate}
      tone={toneOf(worst.behind_us)}
      notes={[named, late ? w.pages(count(pages)) : '', w.asOf(age(worst.unread_us / 1e6))]}
      points={points}
      least={LINE_LEAST_S}
    />
  );
}

const rate = (n: number | null): string =>
  n === null ? '' : words.value.engine.framesPerSecond(n < 10 ? n.toFixed(1) : count(n));

function IngestCard({ ingest, points }: { ingest: IngestTold | null; points: Points }) {
  const w = words.value.engine;
  const full = ingest?.full ?? 0;
  const refuses = ingest?.up === false || brokerAway() ? w.brokerGone : ingest?.keeps_out ? w.brokerFull : '';
  if (!ingest) {
    const tone = refuses ? 'bad' : '';
    return <Card title={w.ingest} lead={w.ingestLead} value={refuses || '–'} tone={tone} notes={[]} points={points} />;
  }
  const { waiting, waiting_us, held, acknowledge_p99_us } = ingest;
  return (
    <Card
      title={w.ingest}
      lead={w.ingestLead}
      value={refuses || `p99 ${took(acknowledge_p99_us)}`}
      tone={refuses ? 'bad' : toneOf(Math.max((acknowledge_p99_us ?? 0) * 5, waiting_us ?? 0))}
      notes={[
        rate(ingest.frames_per_s),
        w.inFlight(count(ingest.in_flight)),
        held ? w.held(count(held)) : '',
        waiting ? w.atBroker(count(waiting), delay(waiting_us ?? 0)) : '',
        full >= WORTH_SAYING ? w.fullness(Math.floor(full * 100)) : '',
      ]}
      points={points}
    />
  );
}

function Gauges({ told }: { told: EngineTold }) {
  const w = words.value.engine;
  const { ingest, live } = told;
  return (
    <ul class="gauges">
      <LagCard
        title={w.views}
        lead={w.viewsLead}
        lags={told.lags.filter((lag) => lag.name === 'views')}
        points={lineOf(told, 'views')}
      />
      <LagCard
        title={w.projections}
        lead={w.projectionsLead}
        lags={told.lags.filter((lag) => lag.name !== 'views')}
        points={lineOf(told, 'projections')}
      />
      <IngestCard ingest={ingest} points={lineOf(told, 'frames')} />
      <Card
        title={w.screens}
        lead={w.screensLead}
        value={live ? count(live.clients) : '–'}
        notes={live ? [rate(live.frames_per_s), live.skipped_frames ? w.skipped(count(live.skipped_frames)) : ''] : []}
        points={lineOf(told, 'screens')}
      />
    </ul>
  );
}

function Store({ store }: { store: StoreTold }) {
  const w = words.value.engine;
  const daily = store.grown_us > 60e6 ? (store.grown_bytes / store.grown_us) * DAY_US : null;
  const tables = Object.entries(store.tables).slice(0, 5);
  const most = tables[0]?.[1] || 1;
  return (
    <section class="card block">
      <h2>
        {w.store}{' '}
        <span class={outOfDate(store.unread_us) ? 'warn' : ''}>{w.storeLead(age(store.unread_us / 1e6))}</span>
      </h2>
      <dl class="fx">
        <dt>{w.size}</dt>
        <dd>{bytes(store.world_bytes)}</dd>
        {daily !== null && (
          <>
            <dt>{w.grown(bytes(store.grown_bytes), span(store.grown_us))}</dt>
            <dd>{w.perDay(bytes(daily))}</dd>
          </>
        )}
        <dt>{w.orders}</dt>
        <dd class={store.undelivered_orders ? 'warn' : ''}>{count(store.undelivered_orders)}</dd>
      </dl>
      <h3>{w.biggest}</h3>
      <ul class="tables">
        {tables.map(([name, size]) => (
          <li key={name}>
            <span class="mono ell">{name}</span>
            <span class="share">
              <i style={{ width: `${(size / most) * 100}%` }} />
            </span>
            <span class="num">{bytes(size)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Age({ at }: { at: number }) {
  const w = words.value.engine;
  const old = nowUs() - at;
  const late = old > LATE_US;
  const said = late ? w.stale : databaseAway() ? w.without : w.asOf;
  return (
    <span class={`live ${late || databaseAway() ? 'late' : ''}`} data-test="engine-age">
      <b />
      {said(age(old / 1e6))}
    </span>
  );
}

export function Engine() {
  const w = words.value;
  const turn = useTurns(EVERY_MS);
  const { value: told, error } = useReading<EngineTold>('/engine', turn);
  if (forbids(error)) return <NoRight />;
  return (
    <main class="page" data-test="engine">
      <header class="page-head">
        <div>
          <h1>{w.engine.title}</h1>
          <p class="ink2">{told ? w.engine.lead(told.gateway) : w.loading}</p>
          {told && <Age at={told.at_us} />}
        </div>
        <button type="button" class="btn" onClick={() => openRoom('centre')}>
          <Icon name="left" />
          {w.backToMap}
        </button>
      </header>
      <Unread error={error} />
      {told && (
        <>
          <Gauges told={told} />
          <Cells told={told} />
          <ParkedMessages turn={turn} />
          <ParkedFrames turn={turn} />
          <Recoveries turn={turn} />
          <div class="halves">
            <Others told={told} />
            {told.store && <Store store={told.store} />}
          </div>
        </>
      )}
    </main>
  );
}
