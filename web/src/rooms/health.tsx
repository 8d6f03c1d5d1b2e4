/** Devices by kind, and those that need a visit. */
import { catalogue, nameOf } from '../city/catalogue';
import { goTo } from '../city/place';
import { second } from '../clock';
import { count, percent, span } from '../format';
import { devicesBody, line } from '../live/city-line';
import { Icon, Nothing } from '../parts/marks';
import { words } from '../words';
import { OtherTab } from './other-tab';
import { panelOpen } from './shown';

type Ill = { id: string; bay: string; lot: string; icon: string; look: string; words: string };
const SHOWN = 60;

function ills(): Ill[] {
  const w = words.value;
  const body = devicesBody.value;
  const now = second.value * 1000 + line.skew;
  const offline = Object.entries(body?.offline ?? {}).sort((a, b) => b[1][0] - a[1][0]);
  const low = Object.entries(body?.low_battery ?? {}).sort((a, b) => a[1][0] - b[1][0]);
  return [
    ...offline.slice(0, SHOWN).map(([id, [since, lot, bay]]) => ({
      id,
      bay,
      lot,
      icon: 'off',
      look: 'bad',
      words: w.offlineFor(span(now - since)),
    })),
    ...low.slice(0, SHOWN).map(([id, [battery, lot, bay]]) => ({
      id,
      bay,
      lot,
      icon: 'battery',
      look: 'warn',
      words: w.batteryAt(String(battery)),
    })),
  ];
}

function Kinds() {
  const w = words.value;
  const kinds = Object.entries(devicesBody.value?.kinds ?? {});
  return (
    <table class="tight">
      <thead>
        <tr>
          <th>{w.kind}</th>
          <th class="num">{w.online}</th>
          <th class="num">{w.offline}</th>
          <th class="num">{w.lowBattery}</th>
        </tr>
      </thead>
      <tbody>
        {kinds.map(([kind, n]) => (
          <tr key={kind}>
            <td>{kind}</td>
            <td class="num">
              {count(n.online)} <span class="ink3">{n.total ? percent(n.online / n.total, 0) : ''}</span>
            </td>
            <td class={`num ${n.offline ? 'bad' : ''}`}>{count(n.offline)}</td>
            <td class={`num ${n.low_battery ? 'warn' : ''}`}>{count(n.low_battery)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function IllRow({ ill }: { ill: Ill }) {
  const lot = catalogue.value?.lots.get(ill.lot)?.lot;
  return (
    <li>
      <button
        type="button"
        class="ev ill"
        onClick={() => {
          goTo({ level: 'bay', id: ill.bay });
          panelOpen.value = true;
        }}
      >
        <span class={ill.look}>
          <Icon name={ill.icon} />
        </span>
        <span class="ell">
          {ill.id}
          <span class="ink3 where">{lot ? nameOf(lot) : ill.lot}</span>
        </span>
        <span class="d">{ill.words}</span>
      </button>
    </li>
  );
}

export function Health() {
  const w = words.value;
  const total = Object.values(devicesBody.value?.kinds ?? {}).reduce((sum, kind) => sum + kind.total, 0);
  const rows = ills();
  return (
    <>
      <h3>
        {w.health}
        <span>{w.healthLead(count(total))}</span>
        <OtherTab to="alarms" />
      </h3>
      <div class="scroll">
        <Kinds />
        {rows.length === 0 ? (
          <Nothing icon="check" title={w.healthOk} />
        ) : (
          <ul>
            {rows.map((ill) => (
              <IllRow key={`${ill.icon}${ill.id}`} ill={ill} />
            ))}
          </ul>
        )}
      </div>
    </>
  );
}
