/** Two versions over a file of stays: what each brings, who pays more and who less, by class and by hour of entry. */
import { useEffect, useState } from 'preact/hooks';
import { type Refusal, send } from '../api/http';
import { count } from '../format';
import { Icon } from '../parts/marks';
import { className, money } from '../tariffs/money';
import type { Compared, Tally, Which } from '../tariffs/told';
import { words } from '../words';

const share = (tally: Tally): string => {
  if (!tally.a_fen) return '–';
  const change = ((tally.b_fen - tally.a_fen) / tally.a_fen) * 100;
  return `${change < 0 ? '−' : '+'}${Math.abs(change).toFixed(1)}%`;
};

function Tallies({ told, names }: { told: Compared; names: [string, string] }) {
  const w = words.value.tariffs;
  const rows = [
    [w.allStays, told.all] as const,
    ...Object.entries(told.by_class).map(([n, t]) => [className(n), t] as const),
  ];
  return (
    <div class="rolls">
      <table data-test="tallies">
        <thead>
          <tr>
            <th />
            <th class="num">{w.stays}</th>
            <th class="num">{names[0]}</th>
            <th class="num">{names[1]}</th>
            <th class="num">{w.change}</th>
            <th class="num">{w.dearer}</th>
            <th class="num">{w.cheaper}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, tally]) => (
            <tr key={name}>
              <td>{name}</td>
              <td class="num">{count(tally.stays)}</td>
              <td class="num">{money(tally.a_fen, told.currency)}</td>
              <td class="num">{money(tally.b_fen, told.currency)}</td>
              <td class="num">{share(tally)}</td>
              <td class="num">{count(tally.dearer)}</td>
              <td class="num">{count(tally.cheaper)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Pairs of bars by hour of entry; each pair has its sums as its title. */
function Hours({ told, names }: { told: Compared; names: [string, string] }) {
  const w = words.value.tariffs;
  const most = Math.max(1, ...told.by_hour.flatMap((tally) => [tally.a_fen, tally.b_fen]));
  return (
    <figure class="hour-bars" aria-label={w.byHour} data-test="hour-bars">
      <figcaption class="small ink2 row">
        <i class="key-a" /> {names[0]} <i class="key-b" /> {names[1]}
        <span class="grow" />
        {w.byHour}
      </figcaption>
      <div class="bars" role="img" aria-label={w.byHour}>
        {told.by_hour.map((tally, hour) => (
          <span
            key={hour}
            title={`${hour}:00 · ${money(tally.a_fen, told.currency)} → ${money(tally.b_fen, told.currency)}`}
          >
            <i class="key-a" style={{ height: `${(tally.a_fen / most) * 100}%` }} />
            <i class="key-b" style={{ height: `${(tally.b_fen / most) * 100}%` }} />
            <s>{hour % 3 === 0 ? hour : ''}</s>
          </span>
        ))}
      </div>
    </figure>
  );
}

type Props = { a: Which; b: Which | null; names: [string, string] };

export function OverStays({ a, b, names }: Props) {
  const w = words.value.tariffs;
  const [stays, hold] = useState('');
  const [told, tell] = useState<Compared | null>(null);
  const [said, say] = useState('');
  const question = stays && b ? JSON.stringify({ a, b }) : '';
  useEffect(() => {
    if (!question) return;
    let wanted = true;
    const timer = setTimeout(() => {
      send<Compared>('/pricing/compare', { ...JSON.parse(question), stays }).then(
        (found) => {
          if (!wanted) return;
          tell(found);
          say('');
        },
        (error: Refusal) => {
          if (!wanted) return;
          tell(null);
          say(w.notCompared([error.message, ...Object.keys(error.details ?? {})].join(' · ')));
        },
      );
    }, 400);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [question, stays]);
  return (
    <section class="card block over-stays" data-test="over-stays">
      <div class="row between">
        <h2>{w.overStays}</h2>
        <label class="btn small-btn">
          <Icon name="upload" size={14} />
          {w.chooseStays}
          <input
            type="file"
            accept=".csv,text/csv"
            class="sr"
            data-test="stays-file"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              event.currentTarget.value = '';
              say(w.trying);
              tell(null);
              void file?.text().then(hold);
            }}
          />
        </label>
      </div>
      {said ? (
        <p class="said warn" role="status">
          {said}
        </p>
      ) : (
        !told && <p class="small ink3">{w.overStaysLead}</p>
      )}
      {told && (
        <>
          <Tallies told={told} names={names} />
          <Hours told={told} names={names} />
        </>
      )}
    </section>
  );
}
