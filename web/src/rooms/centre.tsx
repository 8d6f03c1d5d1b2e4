/** The command centre: a live map with what is known around it. */
import { effect, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Refusal } from '../api/http';
import { catalogue, catalogueError, readCatalogue } from '../city/catalogue';
import { room, way } from '../city/place';
import { countsOf, tally } from '../city/tally';
import { count } from '../format';
import { Icon, Nothing } from '../parts/marks';
import { words } from '../words';
import { announced } from './alarms';
import { Around } from './around';
import { BayPanel } from './bay';
import { Counters } from './counters';
import { Dock } from './dock';
import { Head, source } from './head';
import { Help } from './help';
import { Intake } from './intake';
import { Ladder } from './ladder';
import { fetchMap, MapRoom } from './map-room';
import { Rail } from './rail';
import { Section } from './section';
import { panelOpen } from './shown';
import { StandingBar } from './standing-bar';

function Side() {
  const w = words.value;
  const { lot, bay } = way.value;
  return (
    <aside class={`side float${panelOpen.value ? ' open' : ''}`} aria-label={w.drillDown} data-test="side">
      <button
        type="button"
        class="btn ghost sq side-close"
        aria-label={w.closePanel}
        onClick={() => {
          panelOpen.value = false;
        }}
      >
        <Icon name="x" />
      </button>
      <Ladder />
      {lot && <Section plan={lot} brief={bay !== undefined} />}
      {bay && <BayPanel key={bay.id} bay={bay} />}
      {!lot && <Around />}
    </aside>
  );
}

/** The counters in words, for screen readers, at most every ten seconds. */
function Spoken() {
  const [text, say] = useState('');
  useEffect(() => {
    const timer = setInterval(() => {
      const sums = tally.peek();
      const free = countsOf(sums?.city).free ?? 0;
      if (sums?.filled) say(words.peek().announce(count(free), count(catalogue.peek()?.bays.length ?? 0)));
    }, 10_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <p class="sr" aria-live="polite">
        {text}
      </p>
      <p class="sr" aria-live="assertive">
        {announced.value}
      </p>
    </>
  );
}

function Failed({ error }: { error: Error }) {
  const w = words.value;
  return (
    <main class="page">
      <Nothing icon="alert" title={w.loadFailed}>
        {w.loadFailedLead}
      </Nothing>
      <p class="row centred">
        <button type="button" class="btn pri" onClick={() => void readCatalogue()}>
          {w.readAgain}
        </button>
      </p>
      {error instanceof Refusal && error.trace && (
        <p class="small ink3 centred">
          {w.trace} <code class="mono">{error.trace}</code>
        </p>
      )}
    </main>
  );
}

const MapAndPanels = () => (
  <main class="centre-main">
    <MapRoom key={catalogue.value?.reading ?? 1} />
    <Counters />
    <Side />
    <Dock />
  </main>
);

/** Pages that are fetched when they are first asked for: most readers never do. */
const FETCHED = {
  engine: () => import('./engine').then((fetched) => fetched.Engine),
  cameras: () => import('./cameras').then((fetched) => fetched.Cameras),
  tariffs: () => import('./tariffs').then((fetched) => fetched.Tariffs),
} as const;
const fetched = signal<Partial<Record<keyof typeof FETCHED, ComponentType>>>({});

function Fetched({ name }: { name: keyof typeof FETCHED }) {
  useEffect(() => {
    void FETCHED[name]().then((page) => {
      fetched.value = { ...fetched.value, [name]: page };
    });
  }, [name]);
  const Page = fetched.value[name];
  if (Page) return <Page />;
  return (
    <main class="page">
      <div class="skeleton" role="status" aria-label={words.value.loading} />
    </main>
  );
}

function RoomHere() {
  if (room.value === 'intake') return <Intake />;
  if (room.value === 'centre') return <MapAndPanels />;
  return <Fetched name={room.value} />;
}

export function Centre() {
  useEffect(() => {
    void readCatalogue();
    if (room.value === 'centre') void fetchMap().catch(() => undefined); // whoever draws it says what went wrong
  }, []);
  useEffect(
    () =>
      effect(() => {
        document.documentElement.dataset.source = source();
      }),
    [],
  );
  const failed = catalogueError.value;
  return (
    <div class={`centre in-${room.value}`}>
      <Rail />
      <Head />
      <StandingBar />
      {failed ? <Failed error={failed} /> : <RoomHere />}
      <Help />
      <Spoken />
    </div>
  );
}
