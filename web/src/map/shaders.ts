/** The GPU programs of the bay layer: one rounded rectangle an instance, its state drawn by distance fields. */

/** `prelude` is MapLibre's projection; positions are mercator units from the layer's own origin. */
export const vertexSource = (prelude: string, define: string): string => `#version 300 es
${prelude}
${define}
in vec2 a_corner;
in vec2 a_place;
in float a_bearing;
in float a_state;
in float a_changed;
uniform vec2 u_size;      // half length and half width of a mark, px
uniform float u_unit;     // mercator units in one px
uniform float u_now;
uniform float u_wash;
out vec2 v_at;
out vec2 v_half;
flat out int v_state;
out float v_wash;
void main() {
  v_wash = u_wash * clamp(1.0 - (u_now - a_changed) / 0.9, 0.0, 1.0);
  v_half = u_size;
  v_state = int(a_state + 0.5);
  v_at = a_corner * (v_half + 2.0 + 5.0 * step(0.001, v_wash));
  float s = sin(a_bearing);
  float c = cos(a_bearing);
  vec2 turned = vec2(v_at.x * s + v_at.y * c, -v_at.x * c + v_at.y * s);
  gl_Position = projectTile(a_place + turned * u_unit);
}`;

export const FRAGMENT = `#version 300 es
precision highp float;
in vec2 v_at;
in vec2 v_half;
flat in int v_state;
in float v_wash;
uniform vec3 u_colours[8];
uniform vec3 u_ground;
uniform float u_alpha;
uniform float u_ratio;
out vec4 colour;

float box(vec2 p, vec2 half_, float r) {
  vec2 q = abs(p) - half_ + r;
  return length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - r;
}
float line(vec2 p, vec2 a, vec2 b) {
  vec2 pa = p - a;
  vec2 ba = b - a;
  return length(pa - ba * clamp(dot(pa, ba) / dot(ba, ba), 0.0, 1.0));
}
float inside(float d) { return clamp(0.5 - d * u_ratio, 0.0, 1.0); }

void main() {
  vec2 p = v_at;
  vec2 h = v_half;
  float small = min(h.x, h.y);
  float r = small * 0.42;
  float d = box(p, h, r);
  float fill = inside(d);
  float w = clamp(small * 0.3, 0.9, 2.2);
  float ring = fill - inside(d + w);
  float detail = smoothstep(2.2, 3.2, small);
  float mark = fill;
  float cut = 0.0;
  if (v_state == 0) mark = max(ring, fill * 0.10);
  else if (v_state == 2) mark = max(ring, fill * inside((h.x * 0.15 - p.x + p.y) * 0.7));
  else if (v_state == 3) cut = detail * max(inside(line(p, vec2(-h.x * 0.42, 0.0), vec2(h.x * 0.08, 0.0)) - small * 0.17), inside(length(p - vec2(h.x * 0.48, 0.0)) - small * 0.19));
  else if (v_state == 4) mark = max(ring, fill * inside(p.x));
  else if (v_state == 5) {
    vec2 k = h * 0.52;
    mark = max(ring, inside(min(line(p, -k, k), line(p, vec2(-k.x, k.y), vec2(k.x, -k.y))) - w * 0.5));
  } else if (v_state >= 6) {
    float turn = abs(p.x) / h.x > abs(p.y) / h.y ? p.y : p.x;
    float dots = smoothstep(0.35, 0.65, abs(fract(turn / max(w * 2.6, 2.6)) - 0.5) * 2.0);
    mark = max(ring * mix(0.75, dots, detail), v_state == 6 ? detail * inside(length(p) - small * 0.24) : 0.0);
  }
  vec3 tint = u_colours[v_state];
  float halo = v_wash * (1.0 - smoothstep(0.0, 6.0, d)) * 0.55 * (1.0 - fill);
  float a = u_alpha * max(mark, cut);
  a = max(a, max(halo, v_wash * fill * 0.5));
  colour = vec4(mix(tint, u_ground, cut), 1.0) * a;
}`;
