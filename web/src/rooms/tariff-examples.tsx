/** A whole file of tariffs with worked examples, priced: expected, got, and the lines behind each. */
import { useState } from 'preact/hooks';
import { type Refusal, send } from '../api/http';
import { count } from '../format';
import { Icon } from '../parts/marks';
import { money } from '../tariffs/money';
import { type ExamplesTried, type Outcome, sentenceOf, type Tried } from '../tariffs/told';
import { lang, words } from '../words';
import { openDraft } from './tariff-list';

function Example({ one, currency }: { one: Outcome; currency: string }) {
  const [open, toggle] = useState(false);
  return (
    <>
      <tr class={one.right ? 'pressable' : 'pressable wrong'} onClick={() => toggle(!open)}>
        <td>
          <button type="button" class="link" aria-expanded={open}>
            {one.entry.replace('T', ' ')}
          </button>
        </td>
        <td>{one.exit.replace('T', ' ')}</td>
        <td class="ink2">
          {one.vehicle}
          {one.policy && <span class="small ink3"> {one.policy}</span>}
        </td>
        <td class="num">{money(one.expected_fen, currency)}</td>
        <td class="num">{money(one.got_fen, currency)}</td>
        <td>
          <span class={`badge ${one.right ? 'ok' : 'no'}`}>
            <Icon name={one.right ? 'check' : 'x'} size={12} />
            {one.right ? words.value.tariffs.right : words.value.tariffs.differ}
          </span>
        </td>
      </tr>
      {(open || !one.right) && (
        <tr class="behind">
          <td colSpan={6}>
            <ul>
              {one.words[lang.value].map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </td>
        </tr>
      )}
    </>
  );
}

function One({ tried }: { tried: Tried }) {
  const w = words.value.tariffs;
  const wrong = tried.outcomes.filter((one) => !one.right).length + tried.problems.length;
  const [open, toggle] = useState(wrong > 0);
  return (
    <section class="card block tried" data-test={`tried-${tried.id}`}>
      <div class="row">
        <button type="button" class="link row grow" aria-expanded={open} onClick={() => toggle(!open)}>
          <Icon name={open ? 'up' : 'down'} size={14} />
          <b class="bold ell">{tried.id}</b>
          <span class="ink3 small ell">{tried.city}</span>
        </button>
        <span class={`badge ${wrong ? 'no' : 'ok'}`}>
          {count(tried.outcomes.length - tried.outcomes.filter((one) => !one.right).length)} /{' '}
          {count(tried.outcomes.length)}
        </span>
        {tried.document && (
          <button type="button" class="btn small-btn" onClick={() => tried.document && openDraft(tried.document)}>
            {w.toDraft}
          </button>
        )}
      </div>
      {open && (
        <>
          {tried.problems.map((one) => (
            <p key={one.where + one.code} class="problem">
              <Icon name="alert" />
              <code class="mono">{one.where}</code> {sentenceOf(one)}
            </p>
          ))}
          {tried.outcomes.length > 0 && (
            <div class="rolls">
              <table>
                <thead>
                  <tr>
                    <th>{w.entry}</th>
                    <th>{w.exit}</th>
                    <th>{w.vehicle}</th>
                    <th class="num">{w.expected}</th>
                    <th class="num">{w.got}</th>
                    <th />
                  </tr>
                </thead>
                <tbody>
                  {tried.outcomes.map((one) => (
                    <Example
                      key={one.entry + one.exit + one.vehicle + one.policy + one.what}
                      one={one}
                      currency={tried.currency}
                    />
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </>
      )}
    </section>
  );
}

function Summary({ tried }: { tried: ExamplesTried }) {
  const w = words.value.tariffs;
  const figures = [
    [tried.right, w.right, 'good'],
    [tried.wrong, w.differ, tried.wrong ? 'bad' : ''],
    [tried.unread, w.unread, tried.unread ? 'warn' : ''],
  ] as const;
  return (
    <div class="card tried-sum" role="status" data-test="tried-sum">
      {figures.map(([n, name, tone]) => (
        <div key={name}>
          <span class="small ink3">{name}</span>
          <b class={tone}>{count(n)}</b>
        </div>
      ))}
    </div>
  );
}

/** Where a file is chosen or dropped. */
function Drop({ run }: { run: (file: File | undefined) => void }) {
  const w = words.value.tariffs;
  const [over, hover] = useState(false);
  return (
    <label
      class={over ? 'card drop on' : 'card drop'}
      onDragOver={(event) => {
        event.preventDefault();
        hover(true);
      }}
      onDragLeave={() => hover(false)}
      onDrop={(event) => {
        event.preventDefault();
        hover(false);
        run(event.dataTransfer?.files[0]);
      }}
    >
      <Icon name="upload" size={20} />
      <b class="bold">{w.chooseFile}</b>
      <span class="ink2">{w.dropHere}</span>
      <span class="small ink3 mono">{w.form}</span>
      <input
        type="file"
        accept="application/json,.json"
        class="sr"
        data-test="examples-file"
        onChange={(event) => run(event.currentTarget.files?.[0])}
      />
    </label>
  );
}

export function ExamplesPage() {
  const w = words.value.tariffs;
  const [tried, hold] = useState<ExamplesTried | null>(null);
  const [said, say] = useState('');
  const [only, narrow] = useState(false);
  const run = async (file: File | undefined) => {
    if (!file) return;
    say(w.trying);
    hold(null);
    try {
      hold(await send<ExamplesTried>('/pricing/examples', { file: JSON.parse(await file.text()) }));
      say('');
    } catch (error) {
      say(`${file.name}: ${w.triedFailed(error instanceof SyntaxError ? w.rawBad : (error as Refusal).message)}`);
    }
  };
  const shown = (tried?.tariffs ?? []).filter(
    (one) => !only || one.problems.length > 0 || one.outcomes.some((outcome) => !outcome.right),
  );
  return (
    <>
      <Drop run={(file) => void run(file)} />
      {said && (
        <p class="said warn" role="status">
          {said}
        </p>
      )}
      {tried && (
        <>
          <Summary tried={tried} />
          <label class="row only">
            <input type="checkbox" checked={only} onChange={() => narrow(!only)} />
            {w.onlyWrong}
          </label>
          {shown.map((one) => (
            <One key={one.id} tried={one} />
          ))}
        </>
      )}
    </>
  );
}
