/** The bottom dock: trend, events, alarms, devices. Side by side where there is room, tabs where there is not. */
import type { ComponentType } from 'preact';
import { alarmsBody } from '../live/city-line';
import { words } from '../words';
import { Alarms } from './alarms';
import { Health } from './health';
import { type DockTab, dockTab } from './shown';
import { Ticker } from './ticker';
import { Trend } from './trend';

const PARTS: readonly [DockTab, ComponentType][] = [
  ['trend', Trend],
  ['ticker', Ticker],
  ['alarms', Alarms],
  ['health', Health],
];

function wordOf(tab: DockTab): string {
  const w = words.value;
  return { trend: w.trend, ticker: w.ticker, alarms: w.alarms, health: w.health }[tab];
}

const Tabs = () => (
  <div class="dock-tabs" role="tablist" aria-label={words.value.dock}>
    {PARTS.map(([tab]) => {
      const open = tab === 'alarms' ? Object.keys(alarmsBody.value?.open ?? {}).length : 0;
      return (
        <button
          key={tab}
          type="button"
          role="tab"
          aria-selected={dockTab.value === tab}
          class={dockTab.value === tab ? 'on' : ''}
          data-test={`dock-tab-${tab}`}
          onClick={() => {
            dockTab.value = tab;
          }}
        >
          {wordOf(tab)}
          {open > 0 && <span class="badge no">{open}</span>}
        </button>
      );
    })}
  </div>
);

export const Dock = () => (
  <section class={`dock float third-${dockTab.value === 'health' ? 'health' : 'alarms'}`} aria-label={words.value.dock}>
    <Tabs />
    {PARTS.map(([tab, Part]) => (
      <section
        key={tab}
        id={`dock-${tab}`}
        class={`dock-${tab}${dockTab.value === tab ? ' on' : ''}`}
        tabIndex={-1}
        aria-label={wordOf(tab)}
        data-test={`dock-${tab}`}
      >
        <Part />
      </section>
    ))}
  </section>
);
