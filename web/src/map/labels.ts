/** Names, pills and marks on a canvas over the map; each is placed only where nothing stands already. */
import type { Map as MapGL } from 'maplibre-gl';
import { type Bay, type Catalogue, isStretch, type LotPlan, nameOf } from '../city/catalogue';
import { type LonLat, onAxis } from '../city/geometry';
import type { Place } from '../city/place';
import { countsOf, shareOf, type Tally } from '../city/tally';
import { count } from '../format';
import { token } from '../look';
import { words } from '../words';
import { markSize } from './bay-layer';
import { APART_PX, type Piece, piecesOf } from './pieces';

type Box = { x: number; y: number; w: number; h: number; place: Place | null };
type Ink = Record<
  'label' | 'halo' | 'ink' | 'ink2' | 'ink3' | 'free' | 'glass' | 'line' | 'accent' | 'accentInk' | 'surface',
  string
>;
export type Chosen = { plan: LotPlan | undefined; bay: Bay | undefined; hovered: Bay | null };

const overlaps = (a: Box, b: Box): boolean => a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;

export class Labels {
  visible = true;
  private readonly context: CanvasRenderingContext2D;
  private boxes: Box[] = [];
  private ink: Ink = {} as Ink;
  private font = 'sans-serif';

  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly map: MapGL,
    private readonly city: Catalogue,
    private readonly tally: Tally,
  ) {
    this.context = canvas.getContext('2d') as CanvasRenderingContext2D;
    this.repaint();
  }

  repaint(): void {
    const of = (name: string): string => token(name);
    this.ink = {
      label: of('--map-label'),
      halo: of('--map-halo'),
      ink: of('--ink'),
      ink2: of('--ink-2'),
      ink3: of('--ink-3'),
      free: of('--bay-free-text'),
      glass: of('--glass'),
      line: of('--line-2'),
      accent: of('--accent'),
      accentInk: of('--accent-ink'),
      surface: of('--surface'),
    };
    this.font = token('--font');
  }

  /** The place whose pill is under a point. */
  at(x: number, y: number): Place | null {
    return this.boxes.find((b) => b.place && x >= b.x && x <= b.x + b.w && y >= b.y && y <= b.y + b.h)?.place ?? null;
  }

  draw(chosen: Chosen): void {
    this.clear();
    const zoom = this.map.getZoom();
    this.section(chosen.plan, zoom);
    this.ring(chosen.hovered, this.ink.ink2, zoom);
    this.ring(chosen.bay ?? null, this.ink.accent, zoom);
    if (!this.visible) return;
    if (zoom < 14) this.regionPills(zoom);
    if (zoom >= 15) this.sectionPills(chosen.plan, zoom);
    if (zoom >= 18) this.bayNumbers(zoom);
    if (zoom >= 13.6) this.streetNames(zoom);
  }

  private clear(): void {
    const { canvas, context } = this;
    const { clientWidth: w, clientHeight: h } = this.map.getContainer();
    const ratio = devicePixelRatio;
    if (canvas.width !== w * ratio || canvas.height !== h * ratio) {
      canvas.width = w * ratio;
      canvas.height = h * ratio;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, w, h);
    this.boxes = [];
  }

  private seen(at: LonLat, margin = 40): { x: number; y: number } | null {
    const point = this.map.project(at);
    const { clientWidth: w, clientHeight: h } = this.map.getContainer();
    return point.x < -margin || point.y < -margin || point.x > w + margin || point.y > h + margin ? null : point;
  }

  private room(box: Box): boolean {
    if (this.boxes.some((held) => overlaps(held, box))) return false;
    this.boxes.push(box);
    return true;
  }

  private pill(
    x: number,
    y: number,
    text: string,
    look: { ink: string; ground: string; line: string | null; place: Place; bold?: string },
  ): void {
    const c = this.context;
    c.font = `600 ${look.bold ? 13 : 12}px ${this.font}`;
    const bold = look.bold ? c.measureText(look.bold).width + 6 : 0;
    const w = c.measureText(text).width + bold + 18;
    const h = look.bold ? 28 : 22;
    if (!this.room({ x: x - w / 2, y: y - h / 2, w, h, place: look.place })) return;
    c.beginPath();
    c.roundRect(x - w / 2, y - h / 2, w, h, h / 2);
    c.fillStyle = look.ground;
    c.fill();
    if (look.line) {
      c.strokeStyle = look.line;
      c.lineWidth = 1;
      c.stroke();
    }
    c.textBaseline = 'middle';
    c.textAlign = 'left';
    c.fillStyle = this.ink.ink;
    if (look.bold) c.fillText(look.bold, x - w / 2 + 9, y + 0.5);
    c.fillStyle = look.ink;
    c.fillText(text, x - w / 2 + 9 + bold, y + 0.5);
  }

  private regionPills(zoom: number): void {
    for (const region of this.city.regions.values()) {
      const centre = this.centres.get(region.id);
      const point = centre && this.seen(centre);
      if (!point) continue;
      const counts = countsOf(this.tally.regions.get(region.id));
      const full = shareOf(counts) !== null && !counts.free;
      const text = full ? words.value.full : words.value.freeN(count(counts.free ?? 0));
      const place: Place = { level: 'region', id: region.id };
      const look = { ink: full ? this.ink.ink2 : this.ink.free, ground: this.ink.glass, line: this.ink.line, place };
      this.pill(point.x, point.y, text, zoom > 10.5 ? { ...look, bold: nameOf(region) } : look);
    }
  }

  private regionCentres: Map<string, LonLat> | null = null;
  private get centres(): Map<string, LonLat> {
    this.regionCentres ??= centresOf(this.city.bays);
    return this.regionCentres;
  }

  private sectionPills(chosen: LotPlan | undefined, zoom: number): void {
    const plans = chosen ? [chosen, ...this.city.lots.values()] : this.city.lots.values();
    for (const plan of plans) {
      if (!isStretch(plan) || (zoom < 15.6 && plan !== chosen && plan.bays.length < 5)) continue;
      const { axis } = plan;
      const gap = markSize(zoom, axis.origin[1]).half[1] * 2 + 16;
      const point = this.seen(onAxis(axis, (axis.from + axis.to) / 2, axis.low));
      if (point) this.sectionPill(plan, point, gap, plan === chosen);
    }
  }

  private sectionPill(plan: LotPlan, point: { x: number; y: number }, gap: number, on: boolean): void {
    const [dx, dy] = plan.axis.direction;
    const free = countsOf(this.tally.lots.get(plan.lot.id)).free ?? 0;
    const full = shareOf(countsOf(this.tally.lots.get(plan.lot.id))) !== null && free === 0;
    const text = full ? words.value.full : words.value.freeN(String(free));
    const place: Place = { level: 'lot', id: plan.lot.id };
    const ink = on ? this.ink.accentInk : free > 0 ? this.ink.free : this.ink.ink2;
    const side = gap + Math.abs(dy) * 12;
    this.pill(point.x + dy * side, point.y + dx * side, text, {
      ink,
      ground: on ? this.ink.accent : this.ink.glass,
      line: on ? null : this.ink.line,
      place,
    });
  }

  private bayNumbers(zoom: number): void {
    const c = this.context;
    c.font = `500 11px ${this.font}`;
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    const { half } = markSize(zoom, this.map.getCenter().lat);
    const bounds = this.map.getBounds();
    for (const bay of this.city.bays) {
      const point = bounds.contains(bay.at) && this.seen(bay.at, 10);
      if (!point) continue;
      const [ox, oy] = this.outward(bay);
      const x = point.x + ox * (half[1] + 8 + Math.abs(ox) * 12);
      const y = point.y + oy * (half[1] + 10);
      const w = c.measureText(bay.number).width;
      if (this.room({ x: x - w / 2, y: y - 7, w, h: 14, place: null })) this.text(bay.number, x, y, this.ink.ink2);
    }
  }

  /** The direction on the screen from the middle of the street to a bay's kerb. */
  private outward(bay: Bay): [number, number] {
    const axis = this.city.lots.get(bay.lot)?.axis;
    if (!axis) return [0, 1];
    const [dx, dy] = axis.direction;
    const side = axis.across(bay.at) > (axis.low + axis.high) / 2 ? 1 : -1;
    return [-dy * side, -dx * side];
  }

  private text(text: string, x: number, y: number, fill: string): void {
    const c = this.context;
    c.lineWidth = 3;
    c.lineJoin = 'round';
    c.strokeStyle = this.ink.halo;
    c.strokeText(text, x, y);
    c.fillStyle = fill;
    c.fillText(text, x, y);
  }

  /** Street names along their longest pieces in sight, never upside down, and not again close by. */
  private streetNames(zoom: number): void {
    const c = this.context;
    c.font = `500 ${zoom >= 16 ? 13 : 12}px ${this.font}`;
    c.textAlign = 'center';
    c.textBaseline = 'middle';
    const written = new Map<string, Piece[]>();
    for (const line of this.city.lines) {
      const name = nameOf(line);
      const width = c.measureText(name).width;
      const near = written.get(name) ?? [];
      written.set(name, near);
      for (const piece of piecesOf(this.map, line.parts, width * 0.8)) {
        const again = near.some((held) => Math.hypot(held.x - piece.x, held.y - piece.y) < APART_PX);
        if (!again && this.along(name, width, piece)) near.push(piece);
      }
    }
  }

  private along(name: string, width: number, { x, y, turn }: Piece): boolean {
    const { clientWidth: w, clientHeight: h } = this.map.getContainer();
    if (x < 0 || y < 0 || x > w || y > h) return false;
    const bw = Math.abs(Math.cos(turn)) * width + Math.abs(Math.sin(turn)) * 16 + 6;
    const bh = Math.abs(Math.sin(turn)) * width + Math.abs(Math.cos(turn)) * 16 + 6;
    if (!this.room({ x: x - bw / 2, y: y - bh / 2, w: bw, h: bh, place: null })) return false;
    const c = this.context;
    c.save();
    c.translate(x, y);
    c.rotate(turn > Math.PI / 2 ? turn - Math.PI : turn <= -Math.PI / 2 ? turn + Math.PI : turn);
    this.text(name, 0, 0, this.ink.label);
    c.restore();
    return true;
  }

  /** The outline of the chosen section, 12 px away from its bays. */
  private section(plan: LotPlan | undefined, zoom: number): void {
    if (!plan || !isStretch(plan)) return;
    const { axis } = plan;
    const { half } = markSize(zoom, axis.origin[1]);
    const a = this.map.project(onAxis(axis, axis.from, axis.low));
    const b = this.map.project(onAxis(axis, axis.to, axis.low));
    const d = this.map.project(onAxis(axis, axis.from, axis.high));
    const long = Math.hypot(b.x - a.x, b.y - a.y);
    const deep = Math.hypot(d.x - a.x, d.y - a.y);
    const c = this.context;
    c.save();
    c.translate((b.x + d.x) / 2, (b.y + d.y) / 2);
    c.rotate(Math.atan2(b.y - a.y, b.x - a.x));
    c.beginPath();
    const w = long + half[0] * 2 + 24;
    const h = deep + half[1] * 2 + 24;
    c.roundRect(-w / 2, -h / 2, w, h, 10);
    c.strokeStyle = this.ink.accent;
    c.lineWidth = 1.6;
    c.stroke();
    c.restore();
  }

  private ring(bay: Bay | null, colour: string, zoom: number): void {
    const point = bay && this.seen(bay.at);
    if (!point) return;
    const { half } = markSize(zoom, bay.at[1]);
    const c = this.context;
    c.save();
    c.translate(point.x, point.y);
    c.rotate(((bay.bearing - 90) * Math.PI) / 180);
    c.beginPath();
    c.roundRect(-half[0] - 5, -half[1] - 5, half[0] * 2 + 10, half[1] * 2 + 10, 6);
    c.strokeStyle = this.ink.surface;
    c.lineWidth = 5;
    c.stroke();
    c.strokeStyle = colour;
    c.lineWidth = 2;
    c.stroke();
    c.restore();
  }
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Where the middle bay of each region stands. */
function centresOf(bays: Bay[]): Map<string, LonLat> {
  const inside = new Map<string, LonLat[]>();
  for (const bay of bays) inside.set(bay.region, [...(inside.get(bay.region) ?? []), bay.at]);
  return new Map(
    [...inside].map(([id, all]) => [id, [median(all.map((at) => at[0])), median(all.map((at) => at[1]))]]),
  );
}
