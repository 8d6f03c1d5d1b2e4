/** The document as programmers and as the public read it: its text, and a notice in words. */
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../parts/marks';
import { edit } from '../tariffs/draft';
import { type Checked, type Document, sentenceOf } from '../tariffs/told';
import { lang, words } from '../words';

/** The document as its text: what cannot be read is kept until it can. */
export function Raw({ document }: { document: Document }) {
  const w = words.value.tariffs;
  const whole = JSON.stringify(document, null, 2);
  const [text, type] = useState(whole);
  const [typing, begin] = useState(false);
  const [wrong, fail] = useState(false);
  useEffect(() => {
    if (!typing) type(whole);
  }, [whole, typing]);
  return (
    <details class="sec fold">
      <summary>
        <h2>
          {w.raw} <span>{wrong ? <b class="bad">{w.rawBad}</b> : w.rawLead}</span>
        </h2>
      </summary>
      <textarea
        class="raw mono"
        aria-label={w.raw}
        aria-invalid={wrong}
        spellcheck={false}
        rows={18}
        value={text}
        data-test="raw"
        onFocus={() => begin(true)}
        onBlur={() => {
          begin(false);
          fail(false);
        }}
        onInput={(event) => {
          const typed = event.currentTarget.value;
          type(typed);
          try {
            const read = JSON.parse(typed) as Document;
            const sound = typeof read?.name === 'object' && read.name !== null;
            fail(!sound);
            if (sound)
              edit((made) => {
                for (const key of Object.keys(made)) delete made[key];
                Object.assign(made, read);
              });
          } catch {
            fail(true);
          }
        }}
      />
    </details>
  );
}

/** The rules as the public reads them, from the same data; or why nobody could. */
export function Sign({ checked }: { checked: Checked | null }) {
  const w = words.value.tariffs;
  const [copied, say] = useState(false);
  if (checked?.problems.length)
    return (
      <section class="sign wrong" role="alert" data-test="problems">
        <b class="bold bad row">
          <Icon name="alert" />
          {w.wrong}
        </b>
        <ul>
          {checked.problems.map((one) => (
            <li key={one.where + one.code}>
              <code class="mono">{one.where || 'document'}</code> {sentenceOf(one)}
            </li>
          ))}
        </ul>
      </section>
    );
  const lines = checked?.words?.[lang.value] ?? [];
  return (
    <section class="sign" data-test="sign">
      <div class="row between small">
        <b class="bold">{w.sign}</b>
        <button
          type="button"
          class="btn ghost small-btn"
          onClick={() => void navigator.clipboard?.writeText(lines.join('\n')).then(() => say(true))}
        >
          <Icon name={copied ? 'check' : 'copy'} />
          {copied ? w.copied : w.copy}
        </button>
      </div>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
