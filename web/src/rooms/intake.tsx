/** The intake page: every frame the gateway received, by what became of it. */
import { signal } from '@preact/signals';
import { openRoom } from '../city/place';
import { count, percent } from '../format';
import { Icon } from '../parts/marks';
import { useReading, useTurns } from '../parts/reading';
import { forbids, NoRight, Unread } from '../parts/unread';
import { words } from '../words';
import { Frames } from './frames';

/** What the gateway counted, by outcome. */
type Told = { outcomes: Record<string, number> };

const ORDER = ['accepted', 'repeat', 'late', 'unknown_device', 'undecodable', 'oversized', 'wrong_topic', 'parked'];
const chosen = signal<string | null>(null);
const EVERY_MS = 3000;

function Outcomes({ counters }: { counters: Record<string, number> }) {
  const w = words.value;
  const names = [...ORDER, ...Object.keys(counters).filter((name) => !ORDER.includes(name))];
  const total = Object.values(counters).reduce((sum, n) => sum + n, 0);
  return (
    <ul class="outcomes">
      {names.map((name) => {
        const n = counters[name] ?? 0;
        return (
          <li key={name}>
            <button
              type="button"
              class={chosen.value === name ? 'on' : ''}
              aria-pressed={chosen.value === name}
              data-test={`outcome-${name}`}
              onClick={() => {
                chosen.value = chosen.value === name ? null : name;
              }}
            >
              <span>{w.outcomes[name] ?? name}</span>
              <b>{count(n)}</b>
              <span class="small ink3">{w.outcomeLeads[name] ?? ''}</span>
              <span class="share">
                <i style={{ width: total ? percent(n / total) : '0%' }} />
              </span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

export function Intake() {
  const w = words.value;
  const turn = useTurns(EVERY_MS);
  const { value, error } = useReading<Told>('/ingest', turn);
  if (forbids(error)) return <NoRight />;
  const path = chosen.value ? `/frames?outcome=${chosen.value}` : '/frames';
  return (
    <main class="page" data-test="intake">
      <header class="page-head">
        <div>
          <h1>{w.intakeTitle}</h1>
          <p class="ink2">{w.intakeLead}</p>
        </div>
        <button type="button" class="btn" onClick={() => openRoom('centre')}>
          <Icon name="left" />
          {w.backToMap}
        </button>
      </header>
      <Unread error={error} />
      <Outcomes counters={value?.outcomes ?? {}} />
      <section class="card recent">
        <h2>
          {w.recentFrames}{' '}
          <span class="chip on">{chosen.value ? (w.outcomes[chosen.value] ?? chosen.value) : w.allOutcomes}</span>
        </h2>
        <Frames key={path} path={path} turn={turn} withDevice />
      </section>
    </main>
  );
}
