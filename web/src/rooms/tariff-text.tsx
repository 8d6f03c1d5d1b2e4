/** The document as programmers and as the public read it: its text, and a notice in words. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../parts/marks';
import { edit } from '../tariffs/draft';
import { misshapen } from '../tariffs/shape';
import { type Checked, type Document, type Problem, sentenceOf } from '../tariffs/told';
import { lang, words } from '../words';

export const Problems = ({ of, test }: { of: Problem[]; test?: string }) =>
  of.length > 0 && (
    <ul class="problems" data-test={test}>
      {of.map((one) => (
        <li key={one.where + one.code}>
          <code class="mono">{one.where || 'document'}</code> {sentenceOf(one)}
        </li>
      ))}
    </ul>
  );

/** The document as its text: what cannot be read is kept until it can. */
export function Raw({ document }: { document: Document }) {
  const w = words.value.tariffs;
  const whole = JSON.stringify(document, null, 2);
  const [text, type] = useState(whole);
  const [typing, begin] = useState(false);
  const [wrong, fail] = useState(false);
  const [against, tell] = useState<Problem[]>([]);
  const newest = useRef('');
  useEffect(() => {
    if (!typing) type(whole);
  }, [whole, typing]);
  /** The draft becomes what is typed as soon as that is a document. */
  const take = async (typed: string) => {
    type(typed);
    newest.current = typed;
    let read: Document;
    try {
      read = JSON.parse(typed) as Document;
    } catch {
      return fail(true);
    }
    fail(false);
    const found = await misshapen(read);
    if (newest.current !== typed) return;
    tell(found);
    if (!found.length)
      edit((made) => {
        for (const key of Object.keys(made)) delete made[key as keyof Document];
        Object.assign(made, read);
      });
  };
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
        aria-invalid={wrong || against.length > 0}
        spellcheck={false}
        rows={18}
        value={text}
        data-test="raw"
        onFocus={() => begin(true)}
        onBlur={() => {
          if (wrong || against.length) return; // what is typed stays until it is a document, or is put right
          begin(false);
        }}
        onInput={(event) => void take(event.currentTarget.value)}
      />
      <Problems of={against} test="raw-problems" />
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
        <Problems of={checked.problems} />
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
