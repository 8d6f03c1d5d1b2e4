/** All bays of the city in one GL buffer, one draw call; a change of state writes five bytes of it. */
import type { CustomLayerInterface, CustomRenderMethodInput, Map as MapGL } from 'maplibre-gl';
import { MercatorCoordinate } from 'maplibre-gl';
import type { Bay } from '../city/catalogue';
import type { Tally } from '../city/tally';
import { STATES } from '../live/wire';
import { calm, rgb } from '../look';
import { FRAGMENT, vertexSource } from './shaders';

/** Length and width of a kerb bay, metres. */
const LENGTH_M = 6;
const WIDTH_M = 2.5;
/** A mark never gets smaller than this, half px. */
const LEAST: Record<'far' | 'near', [number, number]> = { far: [1.7, 1.2], near: [3.4, 2.2] };
/** More changes than this in one tick do not wash one by one. */
const WASH_MOST = 20;
const WASH_S = 0.9;
const TOKEN: Record<(typeof STATES)[number], string> = {
  free: '--bay-free',
  occupied: '--bay-occupied',
  reserved: '--bay-reserved',
  owing: '--bay-owing',
  verify: '--bay-verify',
  faulty: '--bay-faulty',
  stale: '--bay-stale',
  unknown: '--bay-stale',
};
const CORNERS = new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]);
const FLOATS = 5; // x, y, bearing, state, changed

type Matrix = ArrayLike<number>;

/** `m` after a move by (x, y), in doubles, so that marks do not tremble at kerb zoom. */
function moved(m: Matrix, x: number, y: number): Float32Array {
  const out = Float32Array.from(m);
  for (let i = 0; i < 4; i++) out[12 + i] = (m[i] ?? 0) * x + (m[4 + i] ?? 0) * y + (m[12 + i] ?? 0);
  return out;
}

const smooth = (from: number, to: number, value: number): number => {
  const t = Math.min(1, Math.max(0, (value - from) / (to - from)));
  return t * t * (3 - 2 * t);
};

/** Half length and half width of a mark in px at a zoom, and how visible it is. */
export function markSize(zoom: number, latitude: number): { half: [number, number]; alpha: number } {
  const pxPerMetre = (512 * 2 ** zoom) / (40_075_017 * Math.cos((latitude * Math.PI) / 180));
  const near = smooth(14, 16.2, zoom);
  const least = [0, 1].map((i) => (LEAST.far[i] ?? 1) * (1 - near) + (LEAST.near[i] ?? 1) * near) as [number, number];
  const half: [number, number] = [
    Math.max(least[0], (LENGTH_M * pxPerMetre) / 2 - 0.5),
    Math.max(least[1], (WIDTH_M * pxPerMetre) / 2),
  ];
  return { half, alpha: smooth(13.9, 14.9, zoom) };
}

export class BayLayer implements CustomLayerInterface {
  readonly id = 'bays';
  readonly type = 'custom' as const;
  readonly renderingMode = '2d' as const;
  /** Whether changes may be washed; off for software renderers and readers who want no motion. */
  wash = !calm();
  visible = true;
  /** Instances in the last draw call. */
  drawn = 0;

  private map: MapGL | null = null;
  private readonly programs = new Map<string, WebGLProgram>();
  private buffer: WebGLBuffer | null = null;
  private vao: WebGLVertexArrayObject | null = null;
  private readonly data: Float32Array;
  private readonly origin: { x: number; y: number };
  private dirty = true;
  private washUntil = 0;
  private readonly born = performance.now();
  private colours = new Float32Array(STATES.length * 3);
  private ground: [number, number, number] = [0, 0, 0];

  constructor(
    private readonly bays: Bay[],
    private readonly tally: Tally,
  ) {
    const first = bays[0] ? MercatorCoordinate.fromLngLat(bays[0].at) : { x: 0, y: 0 };
    this.origin = { x: first.x, y: first.y };
    this.data = new Float32Array(bays.length * FLOATS);
    for (const bay of bays) this.place(bay);
    this.take(
      bays.map((bay) => bay.index),
      true,
    );
    this.repaint();
  }

  /** Read the colours of the theme anew. */
  repaint(): void {
    STATES.forEach((state, i) => {
      this.colours.set(rgb(TOKEN[state]), i * 3);
    });
    this.ground = rgb('--map-street');
    this.map?.triggerRepaint();
  }

  /** Bays whose state changed. */
  take(changed: readonly number[], whole: boolean): void {
    const washed = this.wash && !whole && changed.length <= WASH_MOST;
    const now = this.now();
    for (const index of changed) {
      this.data[index * FLOATS + 3] = this.tally.state[index] ?? 0;
      if (washed) this.data[index * FLOATS + 4] = now;
    }
    if (washed) this.washUntil = now + WASH_S;
    this.dirty = true;
    this.map?.triggerRepaint();
  }

  onAdd(map: MapGL, gl: WebGL2RenderingContext): void {
    this.map = map;
    this.programs.clear();
    this.buffer = gl.createBuffer();
    this.vao = null;
    this.dirty = true;
  }

  render(gl: WebGL2RenderingContext, input: CustomRenderMethodInput): void {
    const map = this.map;
    const program = this.programFor(gl, input);
    if (!map || !program || !this.visible) return;
    const centre = map.getCenter();
    const { half, alpha } = markSize(map.getZoom(), centre.lat);
    const born = calm() ? 1 : Math.min(1, (performance.now() - this.born) / 140);
    gl.useProgram(program);
    this.bind(gl, program);
    this.uniforms(gl, program, input, half, alpha * born);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.STENCIL_TEST);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, this.bays.length);
    gl.bindVertexArray(null);
    this.drawn = this.bays.length;
    if (this.now() < this.washUntil || born < 1) map.triggerRepaint();
  }

  private now(): number {
    return (performance.now() - this.born) / 1000;
  }

  private place(bay: Bay): void {
    const { x, y } = MercatorCoordinate.fromLngLat(bay.at);
    const at = bay.index * FLOATS;
    this.data.set([x - this.origin.x, y - this.origin.y, (bay.bearing * Math.PI) / 180, 0, -WASH_S * 2], at);
  }

  private programFor(gl: WebGL2RenderingContext, { shaderData }: CustomRenderMethodInput): WebGLProgram | null {
    const known = this.programs.get(shaderData.variantName);
    if (known) return known;
    const program = gl.createProgram();
    const parts: [number, string][] = [
      [gl.VERTEX_SHADER, vertexSource(shaderData.vertexShaderPrelude, shaderData.define)],
      [gl.FRAGMENT_SHADER, FRAGMENT],
    ];
    for (const [kind, source] of parts) {
      const shader = gl.createShader(kind);
      if (!shader) return null;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader) ?? 'shader');
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? 'program');
    this.programs.set(shaderData.variantName, program);
    this.vao = null;
    return program;
  }

  private bind(gl: WebGL2RenderingContext, program: WebGLProgram): void {
    if (this.vao) gl.bindVertexArray(this.vao);
    else this.layOut(gl, program);
    if (!this.dirty) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    gl.bufferData(gl.ARRAY_BUFFER, this.data, gl.DYNAMIC_DRAW);
    this.dirty = false;
  }

  private layOut(gl: WebGL2RenderingContext, program: WebGLProgram): void {
    this.vao = gl.createVertexArray();
    gl.bindVertexArray(this.vao);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, CORNERS, gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(program, 'a_corner');
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffer);
    const fields: [string, number, number][] = [
      ['a_place', 2, 0],
      ['a_bearing', 1, 2],
      ['a_state', 1, 3],
      ['a_changed', 1, 4],
    ];
    for (const [name, size, offset] of fields) {
      const at = gl.getAttribLocation(program, name);
      if (at < 0) continue;
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, size, gl.FLOAT, false, FLOATS * 4, offset * 4);
      gl.vertexAttribDivisor(at, 1);
    }
  }

  private uniforms(
    gl: WebGL2RenderingContext,
    program: WebGLProgram,
    input: CustomRenderMethodInput,
    half: [number, number],
    alpha: number,
  ): void {
    const at = (name: string) => gl.getUniformLocation(program, name);
    const data = input.defaultProjectionData;
    gl.uniformMatrix4fv(
      at('u_projection_matrix'),
      false,
      moved(data.mainMatrix as Matrix, this.origin.x, this.origin.y),
    );
    gl.uniformMatrix4fv(
      at('u_projection_fallback_matrix'),
      false,
      moved(data.fallbackMatrix as Matrix, this.origin.x, this.origin.y),
    );
    gl.uniform4f(
      at('u_projection_tile_mercator_coords'),
      ...(data.tileMercatorCoords as [number, number, number, number]),
    );
    gl.uniform4f(at('u_projection_clipping_plane'), ...(data.clippingPlane as [number, number, number, number]));
    gl.uniform1f(at('u_projection_transition'), data.projectionTransition);
    gl.uniform2f(at('u_size'), half[0], half[1]);
    gl.uniform1f(at('u_unit'), 1 / (512 * 2 ** (this.map?.getZoom() ?? 0)));
    gl.uniform1f(at('u_now'), this.now());
    gl.uniform1f(at('u_wash'), this.wash ? 1 : 0);
    gl.uniform1f(at('u_alpha'), alpha);
    gl.uniform1f(at('u_ratio'), devicePixelRatio);
    gl.uniform3fv(at('u_colours'), this.colours);
    gl.uniform3f(at('u_ground'), ...this.ground);
  }
}
