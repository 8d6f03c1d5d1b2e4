/** Search over bays, sections, roads and regions, which are here already, and devices, which the gateway knows. */
import { computed, signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { get, type Page } from '../api/http';
import { type Catalogue, catalogue, type Named, nameOf } from '../city/catalogue';
import { goTo, type Place } from '../city/place';
import { Icon } from '../parts/marks';
import { words } from '../words';
import { findOpen, panelOpen } from './shown';

type Found = { key: string; icon: string; title: string; lead: string; place: Place };
const MOST = 8;
const asked = signal('');

const matches = (query: string, ...texts: string[]): boolean =>
  texts.some((text) => text.toLowerCase().includes(query));
const named = (query: string, thing: Named): boolean => matches(query, thing.name_zh, thing.name_en, thing.id);

function places(city: Catalogue, query: string): Found[] {
  const w = words.value;
  const found: Found[] = [];
  const exact = (number: string): number => (number === query ? 0 : number.startsWith(query) ? 1 : 2);
  const bays = /\d/.test(query)
    ? city.bays.filter((bay) => matches(query, bay.number)).sort((a, b) => exact(a.number) - exact(b.number))
    : [];
  for (const region of city.regions.values())
    if (named(query, region))
      found.push({
        key: `g${region.id}`,
        icon: 'map',
        title: nameOf(region),
        lead: w.region,
        place: { level: 'region', id: region.id },
      });
  for (const road of city.roads.values())
    if (city.lotsOf.has(road.id) && named(query, road))
      found.push({
        key: `r${road.id}`,
        icon: 'swap',
        title: nameOf(road),
        lead: w.road,
        place: { level: 'road', id: road.id },
      });
  for (const bay of bays.slice(0, MOST)) {
    const lot = city.lots.get(bay.lot)?.lot;
    found.push({
      key: `b${bay.id}`,
      icon: 'pin',
      title: w.bayTitle(bay.number),
      lead: lot ? nameOf(lot) : w.bay,
      place: { level: 'bay', id: bay.id },
    });
  }
  for (const { lot } of city.lots.values())
    if (named(query, lot))
      found.push({
        key: `l${lot.id}`,
        icon: 'layers',
        title: nameOf(lot),
        lead: w.lot,
        place: { level: 'lot', id: lot.id },
      });
  return found.slice(0, MOST);
}

const local = computed<Found[]>(() => {
  const query = asked.value.trim().toLowerCase();
  return catalogue.value && query ? places(catalogue.value, query) : [];
});

type DeviceItem = { id: string; kind: string; bay: string | null };

/** Devices by what was typed, once typing has paused. */
function useDevices(query: string): Found[] {
  const [found, setFound] = useState<Found[]>([]);
  useEffect(() => {
    setFound([]);
    if (query.length < 3) return;
    const timer = setTimeout(async () => {
      const page = await get<Page<DeviceItem>>(`/devices?q=${encodeURIComponent(query)}&limit=4`).catch(() => null);
      setFound(
        (page?.items ?? [])
          .filter((item) => item.bay)
          .map((item) => ({
            key: `d${item.id}`,
            icon: 'sensor',
            title: item.id,
            lead: words.value.device,
            place: { level: 'bay', id: String(item.bay) },
          })),
      );
    }, 200);
    return () => clearTimeout(timer);
  }, [query]);
  return found;
}

function choose(found: Found): void {
  goTo(found.place);
  panelOpen.value = true;
  findOpen.value = false;
  asked.value = '';
  (document.activeElement as HTMLElement | null)?.blur();
}

const Row = ({ found, on }: { found: Found; on: boolean }) => (
  <li
    id={`find-${found.key}`}
    role="option"
    aria-selected={on}
    class={on ? 'on' : ''}
    onMouseDown={(event) => {
      event.preventDefault();
      choose(found);
    }}
  >
    <Icon name={found.icon} />
    <span class="ell">{found.title}</span>
    <span class="ink3 small ell">{found.lead}</span>
  </li>
);

export function Find() {
  const w = words.value;
  const [at, setAt] = useState(0);
  const results = [...local.value, ...useDevices(asked.value.trim())];
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step) setAt((at + step + results.length) % Math.max(1, results.length));
    const chosen = results[at];
    if (event.key === 'Enter' && chosen) choose(chosen);
    if (step || event.key === 'Enter') event.preventDefault();
  };
  const open = findOpen.value && asked.value.trim() !== '';
  return (
    <search class="anchor finder">
      <label class="field find">
        <Icon name="search" />
        <input
          data-test="find"
          role="combobox"
          aria-expanded={open}
          aria-controls="find-list"
          aria-activedescendant={results[at] ? `find-${results[at].key}` : undefined}
          aria-label={w.findHint}
          placeholder={w.findHint}
          value={asked.value}
          onFocus={() => {
            findOpen.value = true;
          }}
          onBlur={() => {
            findOpen.value = false;
          }}
          onInput={(event) => {
            asked.value = event.currentTarget.value;
            setAt(0);
          }}
          onKeyDown={onKey}
        />
        <kbd>/</kbd>
      </label>
      {open && (
        <ul class="found float" id="find-list" role="listbox" aria-label={w.findHint}>
          {results.map((found, i) => (
            <Row key={found.key} found={found} on={i === at} />
          ))}
          {results.length === 0 && (
            <li class="ink3">
              <Icon name="search" />
              <span>
                {w.findNothing}
                <br />
                <span class="small">{w.findNothingLead}</span>
              </span>
            </li>
          )}
        </ul>
      )}
    </search>
  );
}
