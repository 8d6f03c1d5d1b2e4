/** The small shapes of the page: icons, bay glyphs, badges, bars. */
import type { ComponentChildren } from 'preact';
import { totalOf } from '../city/tally';
import { count } from '../format';
import { type Counts, STATES, type State } from '../live/wire';
import { words } from '../words';
import sprite from './icons.svg?raw';

/** Put the drawings of all icons into the document once. */
export function placeSprite(): void {
  const drawn = new DOMParser().parseFromString(sprite, 'image/svg+xml').documentElement;
  drawn.setAttribute('hidden', '');
  drawn.setAttribute('aria-hidden', 'true');
  drawn.setAttribute('class', 'sprite');
  document.body.prepend(document.importNode(drawn, true));
}

export const Icon = ({ name, size }: { name: string; size?: number }) => (
  <svg class="i" aria-hidden="true" {...(size && { width: size, height: size, style: { width: size, height: size } })}>
    <use href={`#i-${name}`} />
  </svg>
);

const drawnAs = (state: State): State => (state === 'unknown' ? 'stale' : state);

export const Glyph = ({ state }: { state: State }) => (
  <svg class={`g g-${drawnAs(state)}`} viewBox="0 0 16 16" aria-hidden="true">
    <use href={state === 'unknown' ? '#g-unknown' : `#g-${state}`} />
  </svg>
);

export const StateBadge = ({ state }: { state: State }) => (
  <span class={`badge ${drawnAs(state)}`}>
    <Glyph state={state} />
    {words.value.states[state]}
  </span>
);

const BAR_ORDER: readonly State[] = ['occupied', 'owing', 'verify', 'reserved', 'free', 'faulty', 'stale', 'unknown'];

/** One place as a bar: taken at the left, then what needs a look, free, and what is not known. */
export function Bar({ counts }: { counts: Counts }) {
  const total = totalOf(counts) || 1;
  return (
    <span class="stack" aria-hidden="true">
      {BAR_ORDER.filter((state) => counts[state]).map((state) => (
        <i
          key={state}
          class={`k-${drawnAs(state)}${state === 'unknown' ? ' k-faint' : ''}`}
          style={{ flex: (counts[state] ?? 0) / total }}
        />
      ))}
    </span>
  );
}

/** Every state with its count; zero counts of rare states are left out. */
export function StateCounts({ counts }: { counts: Counts }) {
  const always: readonly State[] = ['occupied', 'free'];
  const shown = STATES.filter((state) => counts[state] || always.includes(state));
  return (
    <ul class="leg">
      {[...shown]
        .sort((a, b) => BAR_ORDER.indexOf(a) - BAR_ORDER.indexOf(b))
        .map((state) => (
          <li key={state} class="row">
            <Glyph state={state} />
            <span class="ell">{words.value.states[state]}</span>
            <b>{count(counts[state] ?? 0)}</b>
          </li>
        ))}
    </ul>
  );
}

export const Mark = ({ size = 30 }: { size?: number }) => (
  <svg class="mark" width={size} height={size} viewBox="0 0 30 30" aria-hidden="true">
    <rect x="1" y="1" width="28" height="28" rx="8" fill="var(--ink)" />
    <rect x="8" y="7" width="6" height="16" rx="2" fill="none" stroke="var(--surface)" stroke-width="2" />
    <rect x="17" y="6" width="7" height="18" rx="2.5" fill="var(--surface)" />
  </svg>
);

/** Nothing here, said kindly: what, and what it means. */
export const Nothing = ({ icon, title, children }: { icon: string; title: string; children?: ComponentChildren }) => (
  <div class="nothing">
    <span class="nothing-mark">
      <Icon name={icon} size={20} />
    </span>
    <b>{title}</b>
    {children && <p class="ink3">{children}</p>}
  </div>
);
