/** The map in the page: its box, its tools, its legend, and what to show when it cannot be drawn. */
import { useEffect, useRef } from 'preact/hooks';
import { catalogue, nameOf } from '../city/catalogue';
import { CITY, goTo, place } from '../city/place';
import { tally } from '../city/tally';
import { second } from '../clock';
import { span } from '../format';
import { line } from '../live/city-line';
import { STATES, type State } from '../live/wire';
import { calm } from '../look';
import { hand, hovered, type Layers, layersOn, layersOpen, mapFailed, scale } from '../map/stage';
import { Glyph, Icon, Nothing, StateBadge } from '../parts/marks';
import { words } from '../words';

/** The map's code is most of the page: it comes while the city is read. */
export const fetchMap = (): Promise<typeof import('../map/view')> => import('../map/view');

async function mount(box: HTMLElement, over: HTMLCanvasElement): Promise<void> {
  const city = catalogue.peek();
  const sums = tally.peek();
  if (!city || !sums || hand.peek()) return;
  try {
    const { mountMap } = await fetchMap();
    if (box.isConnected) hand.value = mountMap(box, over, city, sums);
  } catch (error) {
    console.error(error);
    mapFailed.value = true;
  }
}

function HoverCard() {
  const at = hovered.value;
  const sums = tally.value;
  if (!at || !sums) return null;
  sums.version.value;
  const state = sums.stateOf(at.bay);
  const since = sums.since[at.bay.index] ?? 0;
  const lot = catalogue.value?.lots.get(at.bay.lot)?.lot;
  return (
    <div class="hover-card float" style={{ left: at.x + 14, top: at.y + 14 }} role="tooltip">
      <div class="row">
        <b>{at.bay.number}</b>
        <StateBadge state={state} />
      </div>
      {lot && <p class="small ink3">{nameOf(lot)}</p>}
      {since > 0 && (
        <p class="small ink2">
          {words.value.lasting} {span(second.value * 1000 + line.skew - since)}
        </p>
      )}
    </div>
  );
}

function LayerList() {
  const w = words.value;
  const rows: [keyof Layers, string][] = [
    ['ribbons', w.layerRibbons],
    ['bays', w.layerBays],
    ['labels', w.layerLabels],
    ['wash', w.layerWash],
  ];
  return (
    <fieldset class="layers float">
      <legend class="sr">{w.layers}</legend>
      {rows.map(([name, word]) => (
        <label key={name}>
          <input
            type="checkbox"
            checked={layersOn.value[name]}
            onChange={(event) => {
              layersOn.value = { ...layersOn.value, [name]: event.currentTarget.checked };
            }}
          />
          {word}
        </label>
      ))}
    </fieldset>
  );
}

function Tools() {
  const w = words.value;
  const tool = (icon: string, label: string, key: string, act: () => void, on = false) => (
    <button
      type="button"
      aria-label={label}
      title={`${label} (${key})`}
      aria-pressed={on}
      class={on ? 'on' : ''}
      onClick={act}
    >
      <Icon name={icon} />
    </button>
  );
  return (
    <div class="tools-box">
      <div class="tools float">
        {tool('plus', w.zoomIn, '+', () => hand.value?.zoomBy(1))}
        {tool('minus', w.zoomOut, '−', () => hand.value?.zoomBy(-1))}
        {tool('target', w.wholeCity, '0', () => {
          goTo(CITY);
          hand.value?.fly(CITY);
        })}
        {tool(
          'layers',
          w.layers,
          'L',
          () => {
            layersOpen.value = !layersOpen.value;
          },
          layersOpen.value,
        )}
        {tool(
          line.frozen.value ? 'play' : 'pause',
          line.frozen.value ? w.goOn : w.freeze,
          'F',
          () => line.freeze(!line.frozen.value),
          line.frozen.value,
        )}
      </div>
      {layersOpen.value && <LayerList />}
    </div>
  );
}

const ALWAYS: readonly State[] = ['occupied', 'free', 'verify', 'faulty', 'stale'];

/** The source of the map, with its sign once. */
const credit = (text = ''): string => (text.startsWith('©') ? text : `© ${text}`);

function Legend() {
  const w = words.value;
  const sums = tally.value;
  sums?.version.value;
  const shown = STATES.filter((state, code) => ALWAYS.includes(state) || (sums?.city[code] ?? 0) > 0);
  const ribbons = scale.value === 'zoomCity' || scale.value === 'zoomDistrict';
  return (
    <section class="lvl float" aria-label={w.legend}>
      <span class="ink3">{w[scale.value]}</span>
      {ribbons && (
        <span class="row ramp">
          <span class="ink3">{w.ramp}</span>
          {w.rampLow}
          <i />
          <i />
          <i />
          <i />
          <i />
          <i />
          {w.rampFull}
        </span>
      )}
      {shown.map((state) => (
        <span key={state} class="row mark-word" title={w.stateForms[state]}>
          <Glyph state={state} />
          {w.states[state]}
        </span>
      ))}
      <span class="att">{credit(catalogue.value?.city.attribution)}</span>
    </section>
  );
}

export function MapRoom() {
  const box = useRef<HTMLDivElement>(null);
  const over = useRef<HTMLCanvasElement>(null);
  const w = words.value;
  const ready = catalogue.value !== null && tally.value !== null;
  useEffect(() => {
    if (ready && box.current && over.current) void mount(box.current, over.current);
  }, [ready]);
  useEffect(
    () => () => {
      hand.peek()?.destroy();
      hand.value = null;
    },
    [],
  );
  useEffect(() => {
    if (hand.value && place.value.level !== 'city') hand.value.fly(place.value);
  }, [place.value]);
  return (
    <>
      <section class={`map${calm() ? ' calm' : ''}`} aria-label={w.map} data-test="map">
        <div class="map-gl" ref={box} />
        <div class="map-over" aria-hidden="true">
          <canvas ref={over} />
        </div>
        {!hand.value && !mapFailed.value && <p class="map-note ink3">{w.mapLoading}</p>}
        {mapFailed.value && (
          <div class="map-note">
            <Nothing icon="map" title={w.mapFailed}>
              {w.mapFailedLead}
            </Nothing>
          </div>
        )}
        <HoverCard />
      </section>
      <Tools />
      <Legend />
    </>
  );
}
