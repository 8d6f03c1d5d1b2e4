/** The sign-in page: the city's kerb as its only picture. */
import { useState } from 'preact/hooks';
import { expired, signIn, type Verdict } from '../api/session';
import { theme } from '../look';
import { Icon, Mark } from '../parts/marks';
import { lang, words } from '../words';

const REFUSALS: Record<Exclude<Verdict, 'in'>, 'signInRefused' | 'signInTooMany' | 'signInUnreachable'> = {
  refused: 'signInRefused',
  too_many: 'signInTooMany',
  unreachable: 'signInUnreachable',
};

/** A kerb of bays, drawn with the same marks as the map. */
const KERB = 'ooffoocooofoooofvoooofooooofooooxooofoooo'.split('');
const GLYPH: Record<string, string> = { o: 'occupied', f: 'free', c: 'reserved', v: 'verify', x: 'faulty' };

const Kerb = () => (
  <div class="kerb" aria-hidden="true">
    {[0, 1].map((side) => (
      <div class="kerb-side" key={side}>
        {KERB.map((_, i) => KERB[(i * 7 + side * 11) % KERB.length] ?? 'o').map((mark, i) => (
          <svg key={`${side}-${i}`} class={`g g-${GLYPH[mark]}`} viewBox="0 0 16 16">
            <use href={`#g-${GLYPH[mark]}`} />
          </svg>
        ))}
      </div>
    ))}
  </div>
);

const Switches = () => (
  <div class="row switches">
    <button
      type="button"
      class="btn ghost"
      onClick={() => {
        lang.value = lang.value === 'zh' ? 'en' : 'zh';
      }}
      lang={lang.value === 'zh' ? 'en' : 'zh-CN'}
    >
      {lang.value === 'zh' ? 'English' : '中文'}
    </button>
    <button
      type="button"
      class="btn ghost"
      onClick={() => {
        theme.value = theme.value === 'dark' ? 'light' : 'dark';
      }}
    >
      {theme.value === 'dark' ? words.value.light : words.value.dark}
    </button>
  </div>
);

function Form() {
  const w = words.value;
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    setVerdict(await signIn(String(form.get('name')).trim(), String(form.get('password'))));
    setBusy(false);
  };
  const problem = verdict && verdict !== 'in' ? w[REFUSALS[verdict]] : expired.value ? w.signInNeeded : null;
  return (
    <form class="sign-form" onSubmit={submit}>
      <h1>{w.signInTitle}</h1>
      <label>
        <span>{w.name}</span>
        <input
          class="field"
          name="name"
          autocomplete="username"
          required
          autofocus
          spellcheck={false}
          autocapitalize="none"
        />
      </label>
      <label>
        <span>{w.password}</span>
        <span class="field password">
          <input
            name="password"
            {...(shown ? { type: 'text' as const } : { type: 'password' as const })}
            autocomplete="current-password"
            required
          />
          <button
            type="button"
            class="eye"
            aria-label={shown ? w.hidePassword : w.showPassword}
            onClick={() => setShown(!shown)}
          >
            <Icon name={shown ? 'off' : 'eye'} />
          </button>
        </span>
      </label>
      <p class="problem" role="alert">
        {problem && (
          <>
            <Icon name="alert" />
            <span>{problem}</span>
          </>
        )}
      </p>
      <button class="btn pri big" type="submit" disabled={busy}>
        {busy ? w.signingIn : w.signIn}
      </button>
      <p class="small ink3">{w.firstStart}</p>
    </form>
  );
}

export const SignIn = () => (
  <main class="sign-in">
    <section class="sign-picture">
      <div class="row brand">
        <Mark size={36} />
        <b>{words.value.product}</b>
      </div>
      <Kerb />
      <p class="sign-lead">{words.value.signInLead}</p>
    </section>
    <section class="sign-side">
      <Switches />
      <Form />
      <p class="small ink3 sign-foot">YunParking</p>
    </section>
  </main>
);
