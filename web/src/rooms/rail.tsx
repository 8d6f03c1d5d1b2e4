/** The left rail: the rooms of the page. */

import { session } from '../api/session';
import { CITY, goTo, openRoom, room } from '../city/place';
import { alarmsBody } from '../live/city-line';
import { Icon, Mark } from '../parts/marks';
import { words } from '../words';
import { dockTab, helpOpen } from './shown';

const openAlarms = (): void => {
  openRoom('centre');
  dockTab.value = 'alarms';
  requestAnimationFrame(() => document.querySelector<HTMLElement>('#dock-alarms')?.focus());
};

type WayProps = { to: 'cameras' | 'tariffs'; icon: string; title: string; letters: string; needs: string };

/** The way to a page, for whoever may read what it shows. */
function Way({ to, icon, title, letters, needs }: WayProps) {
  if (!session.value?.user.permissions.includes(needs)) return null;
  const here = room.value === to ? { 'aria-current': 'page' as const, class: 'on' } : {};
  return (
    <button
      type="button"
      {...here}
      onClick={() => openRoom(to)}
      aria-label={title}
      title={`${title} (${letters})`}
      data-test={`rail-${to}`}
    >
      <Icon name={icon} />
    </button>
  );
}

export function Rail() {
  const w = words.value;
  const open = Object.keys(alarmsBody.value?.open ?? {}).length;
  const here = (name: string) => (room.value === name ? { 'aria-current': 'page' as const, class: 'on' } : {});
  return (
    <nav class="rail" aria-label={w.navigation}>
      <button type="button" class="home" onClick={() => goTo(CITY)} aria-label={w.wholeCity} title={w.wholeCity}>
        <Mark />
      </button>
      <button
        type="button"
        {...here('centre')}
        onClick={() => openRoom('centre')}
        aria-label={w.centre}
        title={w.centre}
      >
        <Icon name="map" />
      </button>
      <button type="button" onClick={openAlarms} aria-label={`${w.alarms} ${open}`} title={w.alarms}>
        <Icon name="bell" />
        {open > 0 && <span class="n">{open > 99 ? '99+' : open}</span>}
      </button>
      <button
        type="button"
        {...here('intake')}
        onClick={() => openRoom('intake')}
        aria-label={w.intake}
        title={w.intake}
        data-test="rail-intake"
      >
        <Icon name="sensor" />
      </button>
      <button
        type="button"
        {...here('engine')}
        onClick={() => openRoom('engine')}
        aria-label={w.engine.title}
        title={`${w.engine.title} (G E)`}
        data-test="rail-engine"
      >
        <Icon name="pulse" />
      </button>
      <Way to="cameras" icon="camera" title={w.cameras.key} letters="G C" needs="devices.read" />
      <Way to="tariffs" icon="yuan" title={w.tariffs.title} letters="G T" needs="tariffs.read" />
      <span class="grow" />
      <a href="/docs" target="_blank" rel="noreferrer" aria-label={w.docs} title={w.docs}>
        <Icon name="list" />
      </a>
      <button
        type="button"
        onClick={() => {
          helpOpen.value = true;
        }}
        aria-label={w.keys}
        title={`${w.keys} (?)`}
      >
        <Icon name="info" />
      </button>
    </nav>
  );
}
