/** The top bar: where we are, search, how fresh the picture is, the time, the reader. */
import { session, signOut } from '../api/session';
import { catalogue } from '../city/catalogue';
import { goTo, steps } from '../city/place';
import { dayOf, second, timeOf } from '../clock';
import { count } from '../format';
import { cityBody, ledger, line, standing } from '../live/city-line';
import type { Standing } from '../live/standing';
import type { Source } from '../live/wire';
import { theme } from '../look';
import { Icon } from '../parts/marks';
import { lang, words } from '../words';
import { Find } from './find';
import { accountOpen, panelOpen, standingOpen } from './shown';

const Crumbs = () => (
  <nav class="crumb" aria-label={words.value.where}>
    <ol>
      {steps.value.map((step, i, all) => (
        <li key={step.place.level}>
          {i > 0 && <Icon name="right" size={14} />}
          {i < all.length - 1 ? (
            <button type="button" onClick={() => goTo(step.place)}>
              {step.name}
            </button>
          ) : (
            <span aria-current="location">
              {step.place.level === 'bay' ? words.value.bayTitle(step.name) : step.name}
            </span>
          )}
        </li>
      ))}
    </ol>
  </nav>
);

/** What the city's data are: real, replayed, or simulated. */
export const source = (): Source => cityBody.value?.source ?? catalogue.value?.city.demand ?? 'live';

const SourceBadge = () => {
  const kind = source();
  if (kind === 'live') return null;
  return (
    <span class={`source ${kind}`} title={words.value.sourceLeads[kind]} data-test="source">
      <Icon name={kind === 'replay' ? 'undo' : 'beaker'} size={14} />
      {words.value.sources[kind]}
    </span>
  );
};

const CLASS: Record<Standing['mark'], string> = {
  live: '',
  sync: 'sync',
  late: 'late',
  away: 'cut',
  cut: 'cut',
  frozen: 'late frozen',
};

export function standingWord(now: Standing): string {
  const w = words.value;
  if (now.mark === 'live') return w.live(now.seconds.toFixed(1));
  if (now.mark === 'late') return w.late(now.seconds);
  if (now.mark === 'away') return w.away.badge(w.away.name(now.parts[0] ?? ''), now.parts.length - 1);
  if (now.mark === 'cut') return w.cut;
  return now.mark === 'frozen' ? w.frozen : ledger.applied === 0 ? w.connecting : w.syncing;
}

function StandingCard() {
  const w = words.value;
  const mark = standing.value.mark;
  const rows = [
    ['live', '', w.live('0.3'), w.standingLive],
    ['sync', 'sync', w.syncing, w.standingSync],
    ['late', 'late', w.late(38), w.standingLate],
    ['away', 'cut', w.away.mark, w.away.lead],
    ['cut', 'cut', w.cut, w.standingCut],
  ] as const;
  return (
    <div class="conn float">
      <div class="row between">
        <b class="bold">{w.standingTitle}</b>
        <span class="ink3">{w.standingChanges(count(ledger.applied))}</span>
      </div>
      <ul>
        {rows.map(([name, look, word, lead]) => (
          <li key={name} class={name === mark ? 'on' : ''}>
            <span class={`live ${look}`}>
              <b />
              {word}
            </span>
            <span>{lead}</span>
          </li>
        ))}
      </ul>
      {ledger.gaps > 0 && <p class="ink3 small">{w.gaps(count(ledger.gaps))}</p>}
    </div>
  );
}

const Badge = () => {
  const now = standing.value;
  return (
    <div class="anchor">
      <button
        type="button"
        class={`live ${CLASS[now.mark]}`}
        data-test="standing"
        data-mark={now.mark}
        aria-expanded={standingOpen.value}
        aria-label={`${words.value.standingTitle}: ${standingWord(now)}`}
        onClick={() => {
          standingOpen.value = !standingOpen.value;
        }}
      >
        <b />
        {standingWord(now)}
      </button>
      {standingOpen.value && <StandingCard />}
    </div>
  );
};

const Clock = () => {
  const now = second.value * 1000 + line.skew;
  return (
    <span class="clock ink2 nowrap">
      <span class="day">{dayOf(now, lang.value)}</span> <b class="bold">{timeOf(now)}</b>
    </span>
  );
};

function Menu() {
  const w = words.value;
  const user = session.value?.user;
  return (
    <div class="menu float" role="menu">
      <p>
        <b class="bold">{user?.name}</b>
        <br />
        <span class="ink3 small">{w.roles[user?.role ?? ''] ?? user?.role}</span>
      </p>
      <div class="menu-row">
        <span>{w.theme}</span>
        <span class="seg">
          {(['dark', 'light'] as const).map((name) => (
            <button
              key={name}
              type="button"
              role="menuitemradio"
              aria-checked={theme.value === name}
              class={theme.value === name ? 'on' : ''}
              onClick={() => {
                theme.value = name;
              }}
            >
              {w[name]}
            </button>
          ))}
        </span>
      </div>
      <div class="menu-row">
        <span>{w.language}</span>
        <span class="seg">
          {(['zh', 'en'] as const).map((name) => (
            <button
              key={name}
              type="button"
              role="menuitemradio"
              aria-checked={lang.value === name}
              class={lang.value === name ? 'on' : ''}
              onClick={() => {
                lang.value = name;
              }}
            >
              {name === 'zh' ? '中文' : 'English'}
            </button>
          ))}
        </span>
      </div>
      <button type="button" role="menuitem" class="btn" data-test="sign-out" onClick={() => void signOut()}>
        {w.signOut}
      </button>
    </div>
  );
}

const Account = () => {
  const name = session.value?.user.name ?? '';
  return (
    <div class="anchor">
      <button
        type="button"
        class="btn sq round"
        aria-label={`${words.value.account} ${name}`}
        aria-expanded={accountOpen.value}
        data-test="account"
        onClick={() => {
          accountOpen.value = !accountOpen.value;
        }}
      >
        {name.slice(0, 1).toUpperCase() || <Icon name="user" />}
      </button>
      {accountOpen.value && <Menu />}
    </div>
  );
};

export const Head = () => (
  <header class="head">
    <Crumbs />
    <SourceBadge />
    <span class="grow" />
    <Find />
    <Badge />
    <Clock />
    <button
      type="button"
      class="btn sq drawer-key"
      aria-label={panelOpen.value ? words.value.closePanel : words.value.openPanel}
      aria-expanded={panelOpen.value}
      data-test="panel"
      onClick={() => {
        panelOpen.value = !panelOpen.value;
      }}
    >
      <Icon name="list" />
    </button>
    <Account />
  </header>
);
