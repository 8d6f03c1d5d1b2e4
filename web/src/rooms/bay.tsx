/** The selected bay: what it is now, its device, what came and went, and the raw frames behind it. */
import { type Bay, catalogue } from '../city/catalogue';
import { type Passage, passageDelay } from '../city/passage';
import { goUp } from '../city/place';
import { tally } from '../city/tally';
import { midnight, second, stampOf, timeOf } from '../clock';
import { ageSince, count, delay, span } from '../format';
import { line, lotBody } from '../live/city-line';
import type { LotBody, LotDeviceRow, State } from '../live/wire';
import { Glyph, Icon, Nothing, StateBadge } from '../parts/marks';
import { useReading } from '../parts/reading';
import { words } from '../words';
import { Frames } from './frames';
import { type BayTab, bayTab } from './shown';

const nowUs = (): number => second.value * 1000 + line.skew;

type DeviceHere = { id: string; row: LotDeviceRow } | null;

function deviceOf(bay: Bay, body: LotBody | null): DeviceHere {
  if (!body) return null;
  const named = body.bays[bay.id]?.[3] ?? null;
  if (named && body.devices[named]) return { id: named, row: body.devices[named] };
  const found = Object.entries(body.devices).find(([, row]) => row[6] === bay.id);
  return found ? { id: found[0], row: found[1] } : null;
}

function Device({ device }: { device: DeviceHere }) {
  const w = words.value;
  if (!device) return <p class="small ink3">{w.noDevice}</p>;
  const [seen, battery, signal, lost, offline, drift] = device.row;
  const low = battery !== null && battery <= 20;
  return (
    <dl class="fx" data-test="device">
      <dt>
        <Icon name="sensor" /> {device.id}
      </dt>
      <dd>
        {offline === null ? (
          <span class="good">{w.online}</span>
        ) : (
          <span class="bad">{w.offlineFor(span(nowUs() - offline))}</span>
        )}
      </dd>
      <dt>{w.lastSeen}</dt>
      <dd>{seen ? ageSince(seen, line.skew) : w.noAge}</dd>
      <dt>{w.battery}</dt>
      <dd class={low ? 'warn' : ''}>{battery === null ? w.unknownValue : `${battery}%`}</dd>
      <dt>{w.signal}</dt>
      <dd>{signal === null ? w.unknownValue : `${String(signal).replace('-', '−')} dBm`}</dd>
      <dt>{w.lost}</dt>
      <dd>{count(lost)}</dd>
      <dt>{w.drift}</dt>
      <dd>{delay(drift)}</dd>
    </dl>
  );
}

function Passages({ bay, turn }: { bay: Bay; turn: number }) {
  const w = words.value;
  const { value, error } = useReading<{ items: Passage[] }>(
    `/passages?bay=${encodeURIComponent(bay.id)}&limit=30`,
    turn,
  );
  if (error)
    return (
      <p class="problem small">
        <Icon name="alert" />
        {w.httpFailed}
      </p>
    );
  if (!value) return <div class="skeleton" role="status" aria-label={w.loading} />;
  if (value.items.length === 0) return <Nothing icon="clock" title={w.noPassages} />;
  const today = midnight(nowUs());
  const dated = value.items.some((passage) => passage.since_us < today);
  return (
    <ol class={`tl${dated ? ' dated' : ''}`} aria-label={w.passagesLead}>
      {value.items.map((passage) => {
        const taken = passage.verb === 'taken';
        const late = passageDelay(passage);
        return (
          <li key={passage.id} title={stampOf(passage.since_us)}>
            <span>{passage.since_us < today ? stampOf(passage.since_us) : timeOf(passage.since_us)}</span>
            <span class="row">
              <Glyph state={taken ? 'occupied' : 'free'} />
              {passage.first ? w.stoodSo(taken) : taken ? w.taken : w.freed}
            </span>
            <span>{late !== null && delay(late)}</span>
          </li>
        );
      })}
    </ol>
  );
}

const TABS: readonly [BayTab, 'tabNow' | 'tabPassages' | 'tabFrames'][] = [
  ['now', 'tabNow'],
  ['passages', 'tabPassages'],
  ['frames', 'tabFrames'],
];

const Tabs = () => (
  <div class="seg" role="tablist" aria-label={words.value.tabs}>
    {TABS.map(([tab, word]) => (
      <button
        key={tab}
        type="button"
        role="tab"
        aria-selected={bayTab.value === tab}
        class={bayTab.value === tab ? 'on' : ''}
        data-test={`tab-${tab}`}
        onClick={() => {
          bayTab.value = tab;
        }}
      >
        {words.value[word]}
      </button>
    ))}
  </div>
);

function Lasting({ state, since }: { state: State; since: number }) {
  const w = words.value;
  return (
    <p class="lasting">
      <StateBadge state={state} />
      <b data-test="lasting">{since ? span(nowUs() - since) : w.noAge}</b>
      {since > 0 && (
        <span class="small ink3">
          {w.since} {nowUs() - since > 86_400e6 ? stampOf(since) : timeOf(since)}
        </span>
      )}
    </p>
  );
}

export function BayPanel({ bay }: { bay: Bay }) {
  const w = words.value;
  const sums = tally.value;
  if (!sums || !catalogue.value) return null;
  sums.version.value;
  const body = lotBody(bay.lot);
  const row = body?.bays[bay.id];
  const state = sums.stateOf(bay);
  const since = sums.since[bay.index] ?? 0;
  const device = deviceOf(bay, body);
  const tab = bayTab.value;
  return (
    <section class="sec bay-panel" aria-label={w.bayTitle(bay.number)} data-test="bay" data-state={state}>
      <div class="row between">
        <h2>
          {w.bayTitle(bay.number)} <span class="small ink3">{w.bayTypes[bay.type] ?? bay.type}</span>
        </h2>
        <button type="button" class="btn ghost sq" aria-label={w.close} onClick={goUp}>
          <Icon name="x" />
        </button>
      </div>
      <Lasting state={state} since={since} />
      {row?.[4] && <p class="small warn">{w.needsLook}</p>}
      <Tabs />
      <div class="tab-body" role="tabpanel">
        {tab === 'now' && <Device device={device} />}
        {tab === 'passages' && <Passages bay={bay} turn={row?.[2] ?? 0} />}
        {tab === 'frames' &&
          (device ? (
            <Frames path={`/devices/${encodeURIComponent(device.id)}/frames`} turn={device.row[0]} />
          ) : (
            <Nothing icon="sensor" title={w.noDevice} />
          ))}
      </div>
    </section>
  );
}
