/** Open alarms: gravest first, same cause together. */
import { computed, effect, signal } from '@preact/signals';
import { catalogue, nameOf } from '../city/catalogue';
import { goTo, openRoom } from '../city/place';
import { ageSince } from '../format';
import { alarmsBody, devicesBody, ledger, line } from '../live/city-line';
import type { AlarmRow } from '../live/wire';
import { Icon, Nothing } from '../parts/marks';
import { words } from '../words';
import { OtherTab } from './other-tab';
import { panelOpen } from './shown';

/** Alarms with one cause: same code, same lot. */
type Group = {
  key: string;
  code: string;
  severity: string;
  lot: string | null;
  raised: number;
  subjects: string[];
  devices: number;
};

const GRAVITY = ['critical', 'error', 'major', 'warning', 'info'];
const ICONS: Record<string, string> = {
  device_offline: 'sensor',
  device_offline_lot: 'sensor',
  battery_low: 'battery',
  bay_faulty: 'alert',
  unknown_devices: 'eye',
  fleet_quarantined: 'sensor',
};
const LOOK: Record<string, string> = { critical: 'bad', error: 'bad', major: 'bad', warning: 'warn', info: 'ink3' };

const devicesIn = (detail: unknown): number =>
  typeof detail === 'object' && detail !== null && 'devices' in detail
    ? Number((detail as { devices: unknown }).devices) || 1
    : 1;

function grouped(open: Record<string, AlarmRow>): Group[] {
  const groups = new Map<string, Group>();
  for (const [raised, code, severity, subject, lot, detail] of Object.values(open)) {
    const key = code === 'battery_low' ? code : `${code}|${lot ?? subject}`;
    const held = groups.get(key) ?? { key, code, severity, lot, raised, subjects: [], devices: 0 };
    held.raised = Math.min(held.raised, raised);
    held.subjects.push(subject);
    held.devices += devicesIn(detail);
    groups.set(key, held);
  }
  const grave = (group: Group): number => (GRAVITY.indexOf(group.severity) + 1 || 9) * 1e17 - group.raised;
  return [...groups.values()].sort((a, b) => grave(a) - grave(b));
}

export const groups = computed(() => grouped(alarmsBody.value?.open ?? {}));
/** The newest raised alarm in words, for screen readers. */
export const announced = signal('');

export function announceAlarms(): void {
  let known: Set<string> | null = null;
  effect(() => {
    const open = alarmsBody.value?.open;
    if (!open) return;
    const fresh = known && Object.keys(open).find((id) => !known?.has(id));
    known = new Set(Object.keys(open));
    const row = fresh ? open[fresh] : undefined;
    if (row) announced.value = words.peek().announceAlarm(words.peek().alarmCodes[row[1]] ?? row[1]);
  });
}

/** What was set aside is settled on the engine's page. */
const SET_ASIDE = ['message_parked', 'frame_parked'];

/** Go to what the alarm is about: its section, or the device's bay, the intake page or the engine's. */
function show(group: Group): void {
  const city = catalogue.value;
  const subject = (group.subjects[0] ?? '').split('/').at(-1) ?? '';
  const told = devicesBody.peek();
  const at = told?.offline[subject]?.[2] ?? told?.low_battery[subject]?.[2] ?? subject;
  const bay = group.subjects.length === 1 ? city?.bayById.get(at) : undefined;
  panelOpen.value = true;
  if (SET_ASIDE.includes(group.code)) openRoom('engine');
  else if (bay) goTo({ level: 'bay', id: bay.id });
  else if (group.lot) goTo({ level: 'lot', id: group.lot });
  else openRoom('intake');
}

function Row({ group }: { group: Group }) {
  const w = words.value;
  const lot = group.lot ? catalogue.value?.lots.get(group.lot)?.lot : undefined;
  const what = group.devices > 1 ? w.devicesN(String(group.devices)) : (group.subjects[0] ?? '').split('/').at(-1);
  return (
    <li class="al" data-test="alarm" data-code={group.code}>
      <span class={LOOK[group.severity] ?? 'warn'} title={w.severities[group.severity] ?? group.severity}>
        <Icon name={ICONS[group.code] ?? 'alert'} />
      </span>
      <div class="al-words">
        <b class="ell">{w.alarmCodes[group.code] ?? group.code}</b>
        <span class="ink3 ell">
          {[lot && group.code !== 'battery_low' && nameOf(lot), what].filter(Boolean).join(' · ')} ·{' '}
          {ageSince(group.raised, line.skew)}
        </span>
      </div>
      <button type="button" class="btn small-btn" onClick={() => show(group)}>
        {w.show}
      </button>
    </li>
  );
}

export function Alarms() {
  const w = words.value;
  const all = groups.value;
  const open = Object.keys(alarmsBody.value?.open ?? {}).length;
  return (
    <>
      <h3>
        {w.alarms}{' '}
        {open > 0 && (
          <span class="badge no plain" data-test="alarm-count">
            {w.alarmsOpen(String(open))}
          </span>
        )}
        <OtherTab to="health" />
      </h3>
      {all.length === 0 && ledger.topic('alarms').body ? (
        <Nothing icon="check" title={w.alarmsNone}>
          {w.alarmsNoneLead}
        </Nothing>
      ) : (
        <ul class="scroll">
          {all.slice(0, 60).map((group) => (
            <Row key={group.key} group={group} />
          ))}
        </ul>
      )}
    </>
  );
}
