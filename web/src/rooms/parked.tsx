/** Messages that broke an actor: what they say, why they failed, and what staff do with them; and frames set aside. */
import { useState } from 'preact/hooks';
import { Refusal, send } from '../api/http';
import { session } from '../api/session';
import { goTo, type Place } from '../city/place';
import { stampOf } from '../clock';
import { ageSince, count } from '../format';
import { line } from '../live/city-line';
import { Icon, Nothing } from '../parts/marks';
import { useReading } from '../parts/reading';
import { NotRead } from '../parts/unread';
import { words } from '../words';
import { databaseAway } from './engine-told';
import { Frames } from './frames';

type Message = {
  id: string;
  at: number;
  ref: string;
  kind: string;
  key: string;
  error: string;
  source: string;
  message: Record<string, unknown> | null;
  raw: string;
  retry_us: number | null;
  verdict: string | null;
  done_at: number | null;
  done_by: string | null;
  answer: string | null;
};
type Settled = { outcome: string; code: string; sentence: string };

const mayWrite = (): boolean => session.value?.user.permissions.includes('parked.write') ?? false;

/** Where on the map the actor is: a bay itself, all else by its section. */
function placeOf({ kind, key }: Message): Place {
  const [lot, own] = key.split('/', 2) as [string, string?];
  return kind === 'bay' && own ? { level: 'bay', id: own } : { level: 'lot', id: lot };
}

function saidOf(error: Error): string {
  const w = words.value.engine;
  return (error instanceof Refusal && w.failures[error.code]) || w.failed;
}

function verdictOf(verdict: string, answer: string | null): string {
  const w = words.value.engine;
  if (answer === 'internal_error') return w.failedAgain;
  return answer ? w.refusedWith(answer) : (w.verdicts[verdict] ?? verdict);
}

function Acts({ one, told }: { one: Message; told: (sentence: string, well: boolean) => void }) {
  const w = words.value.engine;
  const [note, write] = useState('');
  const [busy, hold] = useState(false);
  const press = (what: 'retry' | 'dismiss') => {
    hold(true);
    send<Settled>(`/parked/${one.id}/${what}`, { note })
      .then(
        ({ outcome, sentence }) => {
          const refused = outcome === 'refused' ? `: ${sentence}` : '';
          told(`${w.outcomes[outcome] ?? outcome}${refused}`, outcome === 'taken' || outcome === 'dismissed');
        },
        (error: Error) => told(saidOf(error), false),
      )
      .finally(() => hold(false));
  };
  return (
    <div class="acts">
      <label class="field">
        <input
          value={note}
          maxLength={500}
          placeholder={w.note}
          onInput={(event) => write(event.currentTarget.value)}
        />
      </label>
      <button type="button" class="btn pri" disabled={busy} data-test="retry" onClick={() => press('retry')}>
        <Icon name="refresh" />
        {busy ? w.retrying : w.retry}
      </button>
      <button type="button" class="btn" disabled={busy} data-test="dismiss" onClick={() => press('dismiss')}>
        {w.dismiss}
      </button>
    </div>
  );
}

function Body({ one, told }: { one: Message; told: (sentence: string, well: boolean) => void }) {
  const w = words.value.engine;
  return (
    <div class="frame-body">
      <dl class="parked-facts">
        <dt>{w.reason}</dt>
        <dd class="warn">{one.error}</dd>
        <dt>{w.from}</dt>
        <dd class="mono">{one.source || '–'}</dd>
      </dl>
      {one.message ? (
        <pre class="mono">{JSON.stringify(one.message, null, 1)}</pre>
      ) : (
        <>
          <p class="small warn">{w.unreadable}</p>
          <pre class="mono">{one.raw.replace(/(..)/g, '$1 ')}</pre>
        </>
      )}
      <p class="row between">
        <button type="button" class="btn small-btn" onClick={() => goTo(placeOf(one))}>
          <Icon name="pin" />
          {w.seeActor}
        </button>
        {one.retry_us !== null && !one.verdict && <span class="small warn">{w.triedAt(stampOf(one.retry_us))}</span>}
      </p>
      {!one.verdict && mayWrite() && <Acts one={one} told={told} />}
    </div>
  );
}

function Row({ one, told }: { one: Message; told: (sentence: string, well: boolean) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <li class="frame parked" data-test="parked">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span class="ink3">{one.done_at ? stampOf(one.done_at) : ageSince(one.at, line.skew)}</span>
        <b class="mono ell">{one.ref}</b>
        <span class="ell">
          {one.verdict && one.done_by ? (
            <>
              <span class={one.answer ? 'badge warn' : 'badge'}>{verdictOf(one.verdict, one.answer)}</span>{' '}
              {one.done_by}
            </>
          ) : (
            <span class="reason">{one.error}</span>
          )}
        </span>
        <Icon name={open ? 'up' : 'down'} />
      </button>
      {open && <Body one={one} told={told} />}
    </li>
  );
}

export function ParkedMessages({ turn }: { turn: number }) {
  const w = words.value.engine;
  const [done, show] = useState(false);
  const [said, say] = useState<{ sentence: string; well: boolean } | null>(null);
  const { value, again } = useReading<{ items: Message[] }>(`/parked?limit=50&done=${done}`, turn);
  const items = value?.items ?? [];
  const told = (sentence: string, well: boolean) => {
    say({ sentence, well });
    again();
  };
  return (
    <section class="card block" data-test="parked-messages">
      <div class="row between">
        <h2>
          {w.parked} {!done && items.length > 0 && <span class="badge no">{count(items.length)}</span>}
        </h2>
        <span class="seg">
          {[false, true].map((settled) => (
            <button
              key={String(settled)}
              type="button"
              aria-pressed={done === settled}
              class={done === settled ? 'on' : ''}
              onClick={() => show(settled)}
            >
              {settled ? w.parkedDone : w.parkedOpen}
            </button>
          ))}
        </span>
      </div>
      {said && (
        <p class={said.well ? 'said good' : 'said warn'} role="status" data-test="parked-said">
          <Icon name={said.well ? 'check' : 'alert'} /> {said.sentence}
        </p>
      )}
      {databaseAway() && <NotRead />}
      {value && items.length === 0 && !databaseAway() ? (
        <Nothing icon="check" title={w.parkedNone}>
          {done ? '' : w.parkedNoneLead}
        </Nothing>
      ) : (
        <>
          {!done && <p class="small ink3">{w.parkedLead}</p>}
          <ol class="frames">
            {items.map((one) => (
              <Row key={one.id} one={one} told={told} />
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

/** Frames of devices without an outcome in time; not shown while there are none. */
export function ParkedFrames({ turn }: { turn: number }) {
  const w = words.value.engine;
  const { value } = useReading<{ items: unknown[] }>('/frames?outcome=parked&limit=1', turn);
  if (!value?.items.length) return null;
  return (
    <section class="card block" data-test="parked-frames">
      <h2>
        {w.parkedFrames} <span>{w.parkedFramesLead}</span>
      </h2>
      <Frames path="/frames?outcome=parked" turn={turn} withDevice />
    </section>
  );
}
