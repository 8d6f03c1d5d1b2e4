/** The map itself: engine, layers, pointer and flights. Loaded after the panels, for its size. */
import 'maplibre-gl/dist/maplibre-gl.css';
import { effect, signal } from '@preact/signals';
import { Map as MapGL, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import type { Bay, Catalogue } from '../city/catalogue';
import { CITY, goTo, type Place, place, way } from '../city/place';
import { countsOf, shareOf, type Tally } from '../city/tally';
import { calm, painted } from '../look';
import { lang } from '../words';
import { BayLayer, markSize } from './bay-layer';
import { Labels } from './labels';
import { Picker } from './pick';
import { hovered, layersOn, mapZoom, viewPadding } from './stage';
import { repaint, ribbonLots, styleOf } from './style';

setWorkerUrl(workerUrl);

/** Hand on the map for the rest of the page. */
export type MapHand = {
  zoomBy: (step: number) => void;
  pan: (x: number, y: number) => void;
  fly: (to: Place) => void;
  idle: () => boolean;
  drawn: () => number;
  zoom: () => number;
  projected: (bay: Bay) => { x: number; y: number };
  destroy: () => void;
};

export const mapIdle = signal(false);

const SOFTWARE = /swiftshader|llvmpipe|software/i;

function renderer(map: MapGL): string {
  const gl = map.getCanvas().getContext('webgl2');
  const info = gl?.getExtension('WEBGL_debug_renderer_info');
  return info && gl ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : '';
}

function created(box: HTMLElement, city: Catalogue): MapGL {
  const [w, s, e, n] = boundsOf(city, CITY);
  return new MapGL({
    container: box,
    style: styleOf(city),
    bounds: [
      [w, s],
      [e, n],
    ],
    fitBoundsOptions: { padding: viewPadding() },
    attributionControl: false,
    maxPitch: 0,
    minZoom: 9,
    maxZoom: 20.5,
    fadeDuration: 0,
    keyboard: false,
    refreshExpiredTiles: false,
  });
}

/** Share of a city's bays that its picture may leave out at each edge, so that a far outlier does not make it small. */
const STRAY = 0.015;

/** Bounds of a place, west, south, east, north. */
function boundsOf(city: Catalogue, { level, id }: Place): [number, number, number, number] {
  const inside =
    level === 'city' ? city.bays : city.bays.filter((bay) => (level === 'bay' ? bay.id : bay[level]) === id);
  if (inside.length === 0) return city.city.bounds;
  const out = level === 'city' ? Math.floor(inside.length * STRAY) : 0;
  const edges = (axis: 0 | 1): [number, number] => {
    const sorted = inside.map((bay) => bay.at[axis]).sort((a, b) => a - b);
    return [sorted[out] ?? 0, sorted[sorted.length - 1 - out] ?? 0];
  };
  const [[w, e], [s, n]] = [edges(0), edges(1)];
  return [w, s, e, n];
}

const MOST_ZOOM: Record<Place['level'], number> = { city: 16, region: 16, road: 17, lot: 18, bay: 18.2 };

function flight(map: MapGL, city: Catalogue): (to: Place) => void {
  return (to) => {
    const [w, s, e, n] = boundsOf(city, to);
    const near = to.level === 'bay' ? Math.max(17.4, Math.min(map.getZoom(), 19)) : MOST_ZOOM[to.level];
    map.fitBounds(
      [
        [w, s],
        [e, n],
      ],
      { padding: viewPadding(), maxZoom: near, duration: calm() ? 0 : 600, essential: true },
    );
  };
}

/** Sections take their colour from what their bays say, only those whose share changed, at most each second. */
function colourRibbons(map: MapGL, city: Catalogue, tally: Tally): () => void {
  const lots = ribbonLots(city);
  const shown = new Float64Array(lots.length).fill(Number.NaN);
  const paint = (): void => {
    lots.forEach(({ lot }, id) => {
      const share = shareOf(countsOf(tally.lots.get(lot.id))) ?? -1;
      if (shown[id] === share) return;
      shown[id] = share;
      map.setFeatureState({ source: 'ribbons', id }, { share });
    });
  };
  const timer = setInterval(paint, 1000);
  paint();
  return () => clearInterval(timer);
}

function pointing(map: MapGL, picker: Picker, labels: Labels): void {
  const reach = (): number => Math.max(9, markSize(map.getZoom(), map.getCenter().lat).half[0] + 3);
  const bayAt = (x: number, y: number): Bay | null => (map.getZoom() < 14 ? null : picker.at(x, y, reach()));
  map.on('mousemove', ({ point }) => {
    const pill = labels.at(point.x, point.y);
    const bay = pill ? null : bayAt(point.x, point.y);
    map.getCanvas().style.cursor = pill || bay ? 'pointer' : '';
    const held = hovered.peek();
    if (held?.bay !== bay) hovered.value = bay && { bay, x: point.x, y: point.y };
  });
  map.on('mouseout', () => {
    hovered.value = null;
  });
  map.on('movestart', () => {
    hovered.value = null;
  });
  map.on('click', ({ point }) => {
    const to = labels.at(point.x, point.y);
    const bay = to ? null : bayAt(point.x, point.y);
    if (to) goTo(to);
    else if (bay) goTo({ level: 'bay', id: bay.id });
  });
}

/** Redraw the canvas over the map at most once a frame. */
function labelling(map: MapGL, labels: Labels): () => void {
  let asked = false;
  const draw = (): void => {
    asked = false;
    const { lot, bay } = way.peek();
    labels.draw({ plan: lot, bay, hovered: hovered.peek()?.bay ?? null });
  };
  const ask = (): void => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(draw);
  };
  map.on('move', draw);
  map.on('resize', ask);
  return ask;
}

/** Put the map into `box`, with the labels' canvas above it. Throws where there is no WebGL 2. */
export function mountMap(box: HTMLElement, over: HTMLCanvasElement, city: Catalogue, tally: Tally): MapHand {
  const map = created(box, city);
  map.touchZoomRotate.disableRotation();
  map.dragRotate.disable();
  const layer = new BayLayer(city.bays, tally);
  const labels = new Labels(over, map, city, tally);
  const ask = labelling(map, labels);
  const ends: (() => void)[] = [];
  pointing(map, new Picker(map, city.bays), labels);
  const software = SOFTWARE.test(renderer(map));
  map.once('load', () => {
    map.addLayer(layer);
    ends.push(
      colourRibbons(map, city, tally),
      tally.onChange((changed, whole) => {
        layer.take(changed, whole);
        ask();
      }),
      effect(() => {
        painted.value;
        layer.repaint();
        labels.repaint();
        repaint(map);
        ask();
      }),
      effect(() => {
        const on = layersOn.value;
        layer.visible = on.bays;
        layer.wash = on.wash && !software && !calm();
        labels.visible = on.labels;
        map.setLayoutProperty('ribbon', 'visibility', on.ribbons ? 'visible' : 'none');
        map.triggerRepaint();
        ask();
      }),
    );
  });
  ends.push(
    effect(() => {
      way.value;
      hovered.value;
      lang.value;
      ask();
    }),
  );
  map.on('zoom', () => {
    mapZoom.value = map.getZoom();
  });
  map.on('idle', () => {
    mapIdle.value = true;
  });
  mapZoom.value = map.getZoom();
  const fly = flight(map, city);
  if (place.peek().level !== 'city') fly(place.peek());
  return {
    fly,
    zoomBy: (step) => map.zoomTo(map.getZoom() + step, { duration: calm() ? 0 : 220 }),
    pan: (x, y) => map.panBy([x, y], { duration: calm() ? 0 : 140 }),
    idle: () => mapIdle.value,
    drawn: () => layer.drawn,
    zoom: () => map.getZoom(),
    projected: (bay) => map.project(bay.at),
    destroy: () => {
      for (const end of ends) end();
      map.remove();
    },
  };
}
