/** Online verification: what a stay costs under the draft, line by line, beside another version, and over its length. */
import { signal } from '@preact/signals';
import { openRoom } from '../city/place';
import { span } from '../format';
import { line } from '../live/city-line';
import { Row as Labelled, NumberField, Pick, Typed } from '../parts/fields';
import { Icon } from '../parts/marks';
import { useReading } from '../parts/reading';
import { PriceChart } from '../tariffs/chart';
import { differences, draft, placeInWords, valueInWords } from '../tariffs/draft';
import { className, money, plain } from '../tariffs/money';
import type { Curves, Line, Priced, Version, Which, Whole } from '../tariffs/told';
import { instantOf, wallOf } from '../tariffs/wall';
import { words } from '../words';
import { useSent } from './tariff-asking';
import { nameOfPeriod } from './tariff-bands';
import { OverStays } from './tariff-compare';
import { classesOf } from './tariff-form';

const HOUR = 3600e6;
const DAY = 24 * HOUR;
const WALL = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?$/;
const LENGTHS = [6, 12, 24, 48, 168] as const;

/** What is asked about: as walls of the tariff's own zone, so that a change of zone keeps what is written. */
const asked = signal<{
  entry: string;
  exit: string;
  vehicle: string;
  hours: number;
  against: string;
  charged: number | null;
}>({
  entry: '',
  exit: '',
  vehicle: '',
  hours: 24,
  against: 'in_force',
  charged: null,
});
const ask = (part: Partial<typeof asked.value>): void => {
  asked.value = { ...asked.value, ...part };
};

function beginAsking(zone: string): void {
  const morning = `${wallOf(Date.now() * 1000 + line.skew, zone).slice(0, 10)}T09:00:00`;
  const entry = instantOf(morning, zone) ?? 0;
  ask({ entry: morning, exit: wallOf(entry + 8.5 * HOUR, zone) });
}

const clock = (us: number, zone: string): string => wallOf(us, zone).slice(5).replace('T', ' ');
/** To the minute where the seconds are none. */
const brief = (text: string): string => text.replace(/:00$/, '');

function spanOf(one: Line, zone: string): string {
  if (!one.to_us) return '';
  const from = brief(clock(one.from_us, zone));
  const to = brief(clock(one.to_us, zone));
  return `${from} – ${from.slice(0, 5) === to.slice(0, 5) ? to.slice(6) : to}`;
}

function Row({ one, priced }: { one: Line; priced: Priced }) {
  const w = words.value.tariffs;
  const { zone, currency } = priced.quote;
  const gross = one.gross_fen ?? one.amount_fen;
  const name = one.rule && one.kind !== 'factor' ? nameOfPeriod(one.rule) : (w.kinds[one.kind] ?? one.kind);
  return (
    <>
      <tr>
        <td>{spanOf(one, zone)}</td>
        <td class="ink2">{one.kind === 'factor' ? `${name} × ${one.rule ?? ''}` : name}</td>
        <td class="num ink2">
          {one.count
            ? `${one.count} × ${plain(one.price_fen ?? 0, currency)}`
            : one.kind === 'time'
              ? plain(one.price_fen ?? 0, currency)
              : ''}
        </td>
        <td class="num">{plain(gross, currency)}</td>
      </tr>
      {one.limit && gross !== one.amount_fen && (
        <tr>
          <td />
          <td class="ink2">{w.limits[one.limit] ?? one.limit}</td>
          <td />
          <td class="num">{plain(one.amount_fen - gross, currency)}</td>
        </tr>
      )}
    </>
  );
}

function Compared({ now, other, name }: { now: Priced; other: Priced; name: string }) {
  const w = words.value.tariffs;
  const { currency } = now.quote;
  const more = now.quote.charge_fen - other.quote.charge_fen;
  return (
    <>
      <span class="small ink3">{w.was(name, money(other.quote.charge_fen, currency))}</span>
      <span class={`badge ${more === 0 ? '' : 'wait'}`} data-test="compared">
        {more === 0 ? w.sameFee : more > 0 ? w.moreBy(money(more, currency)) : w.lessBy(money(-more, currency))}
      </span>
    </>
  );
}

function Result({ now, other, names, faint }: { now: Priced; other: Priced | null; names: string[]; faint: boolean }) {
  const w = words.value.tariffs;
  const { quote, change } = now;
  return (
    <div class={`card res${faint ? ' faint' : ''}`} data-test="result">
      <div class="rolls">
        <table>
          <tbody>
            {quote.lines.map((one) => (
              <Row key={`${one.kind}${one.from_us}${one.rule}${one.price_fen}`} one={one} priced={now} />
            ))}
            <tr class="sum">
              <td colSpan={3}>{w.sum}</td>
              <td class="num" data-test="sum">
                {plain(quote.charge_fen, quote.currency)}
              </td>
            </tr>
          </tbody>
        </table>
      </div>
      <div class="big">
        <span class="small ink3">{w.due(names[0] ?? '')}</span>
        <b data-test="fee">{money(quote.charge_fen, quote.currency)}</b>
        {other && <Compared now={now} other={other} name={names[1] ?? ''} />}
        <span class="small ink3">
          {change.holds_until_us !== null && change.then_fen !== null
            ? w.until(brief(clock(change.holds_until_us, quote.zone)), money(change.then_fen, quote.currency))
            : w.noMore}
        </span>
      </div>
    </div>
  );
}

/** What is to be known about the price; the stay may reach years that the chart does not, and the chart others. */
function Notices({ priced, drawn }: { priced: Priced | null; drawn: number[] }) {
  const w = words.value.tariffs;
  const all = priced?.quote.notices ?? [];
  const unknown = all.filter((one) => one.code === 'calendar_year_unknown');
  const told = all.filter((one) => !unknown.includes(one)).map((one) => w.notices[one.code]?.(one.detail) ?? one.code);
  const years = [...new Set([...unknown.map((one) => Number(one.detail)), ...drawn])].sort((a, b) => a - b);
  if (years.length) told.push(w.yearsUnknown(years.join('、')));
  if (!told.length) return null;
  return (
    <p class="said warn" role="status" data-test="notices">
      <Icon name="alert" />
      <span class="grow">{told.join(' ')}</span>
      {years.length > 0 && (
        <button type="button" class="link" onClick={() => openRoom('tariffs', 'calendar')}>
          {w.toCalendar}
        </button>
      )}
    </p>
  );
}

function Question({ zone, classes }: { zone: string; classes: string[] }) {
  const w = words.value.tariffs;
  const { entry, exit } = asked.value;
  const when = (text: string): string | null => {
    const wall = text.trim().replace(' ', 'T');
    return WALL.test(wall) && instantOf(wall, zone) !== null ? (wall.length === 16 ? `${wall}:00` : wall) : null;
  };
  const show = (wall: string): string => wall.replace('T', ' ');
  const from = instantOf(entry, zone) ?? 0;
  const to = instantOf(exit, zone) ?? 0;
  return (
    <div class="q">
      <Typed
        label={w.entry}
        value={entry}
        show={show}
        read={when}
        set={(wall) => ask({ entry: wall })}
        hint={w.notATime}
        test="entry"
      />
      <Icon name="right" size={16} />
      <Typed
        label={w.exit}
        value={exit}
        show={show}
        read={when}
        set={(wall) => ask({ exit: wall })}
        hint={w.notATime}
        test="exit"
      />
      {classes.length > 1 && (
        <Pick
          label={w.vehicle}
          value={classes.includes(asked.value.vehicle) ? asked.value.vehicle : (classes[0] as string)}
          choices={classes.map((name) => [name, className(name)] as const)}
          set={(vehicle) => ask({ vehicle })}
          test="vehicle"
        />
      )}
      <span class="ink2 nowrap" data-test="length">
        {to >= from ? span(to - from) : w.notices.negative_stay?.('')}
      </span>
    </div>
  );
}

/** At a bay with a charger: for how long from the entry on the car was charged. */
function Charged() {
  const w = words.value.tariffs;
  return (
    <div class="charged">
      <Labelled label={w.chargedFor}>
        <NumberField
          label={w.chargedFor}
          unit={w.minutes}
          value={asked.value.charged}
          optional
          placeholder="0"
          set={(charged) => ask({ charged })}
          test="charged"
        />
      </Labelled>
    </div>
  );
}

type Props = { id: string; versions: Version[]; valid: boolean };

/** The version beside the draft: the one in force, another, or none. */
function againstOf(id: string, versions: Version[]): Version | null {
  if (!id || asked.value.against === '') return null;
  const chosen = versions.find((one) => String(one.version) === asked.value.against);
  return chosen ?? versions.find((one) => one.standing === 'in_force') ?? versions[0] ?? null;
}

function Against({ versions, against }: { versions: Version[]; against: Version | null }) {
  const w = words.value.tariffs;
  return (
    <Pick
      label={w.compareWith}
      value={against ? String(against.version) : ''}
      choices={[
        ...versions.map(
          (one) => [String(one.version), `${w.compareWith} v${one.version} · ${w.standing[one.standing]}`] as const,
        ),
        ['', w.compareNone] as const,
      ]}
      set={(version) => ask({ against: version })}
      test="against"
    />
  );
}

function Differences({ id, against }: { id: string; against: Version | null }) {
  const w = words.value.tariffs;
  const path = against ? `/tariffs/${id}/versions/${against.version}` : null;
  const { value } = useReading<Whole>(path);
  const document = draft.value;
  if (!against || !value || !document) return null;
  const all = differences(value.document, document);
  if (!all.length) return null;
  return (
    <section class="card block differs" data-test="differences">
      <h2>{w.differs(`v${against.version}`)}</h2>
      <ul>
        {all.slice(0, 60).map((one) => (
          <li key={one.path}>
            <span title={one.path}>
              {placeInWords(one.path, one.after === null ? value.document : document, nameOfPeriod)}
            </span>
            <span>
              {one.before !== null && <del>{valueInWords(one.path, one.before)}</del>}{' '}
              {one.after !== null && <ins>{valueInWords(one.path, one.after)}</ins>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Why there is no price; nothing while it is on its way. */
const NoResult = ({ why }: { why: string }) => (
  <div class="card res-empty">
    {why ? (
      <p class="problem">
        <Icon name="alert" />
        {why}
      </p>
    ) : (
      <div class="skeleton" />
    )}
  </div>
);

const Lengths = () => (
  <span class="seg" role="group" aria-label={words.value.tariffs.lengthOfChart}>
    {LENGTHS.map((one) => (
      <button
        key={one}
        type="button"
        class={asked.value.hours === one ? 'on' : ''}
        aria-pressed={asked.value.hours === one}
        onClick={() => ask({ hours: one })}
      >
        {one < 48 ? `${one}h` : `${one / 24}d`}
      </button>
    ))}
  </span>
);

export function Verification({ id, versions, valid }: Props) {
  const w = words.value.tariffs;
  const document = draft.value;
  const zone = document?.zone ?? 'Asia/Shanghai';
  if (!asked.peek().entry) beginAsking(zone);
  const classes = document ? classesOf(document) : [];
  const { entry, exit, hours } = asked.value;
  const vehicle = classes.includes(asked.value.vehicle) ? asked.value.vehicle : (classes[0] ?? '');
  const from = instantOf(entry, zone) ?? 0;
  const to = instantOf(exit, zone) ?? 0;
  const against = againstOf(id, versions);
  const drafted: Which | null = document && valid ? { document } : null;
  const kept: Which | null = against ? { tariff: id, version: against.version } : null;
  const charged = document?.charging && asked.value.charged ? [[from, from + asked.value.charged * 60e6]] : [];
  const stay = { entry_us: from, exit_us: to, vehicle, charging: charged };
  const sane = to >= from && to - from < 400 * DAY;
  const now = useSent<Priced>('/pricing/quote', drafted && sane ? { which: drafted, ...stay } : null);
  const other = useSent<Priced>('/pricing/quote', kept && sane ? { which: kept, ...stay } : null);
  const which = [drafted, kept].filter((one) => one !== null);
  const drawn = useSent<Curves>(
    '/pricing/curves',
    drafted ? { which, entry_us: from, length_us: hours * HOUR, vehicle, charging: charged } : null,
  );
  const names = [w.draft, against ? `v${against.version}` : ''];
  const told = drawn.value && drawn.value.curves.length === which.length ? drawn.value : null;
  const refused = now.error && now.value === null ? now.error.message : '';
  return (
    <section class="verification" aria-label={w.verify} data-test="verify">
      <div class="row between">
        <h2>{w.verify}</h2>
        <span class="small ink3">{w.verifyLead}</span>
      </div>
      <Question zone={zone} classes={classes} />
      {!sane && (
        <p class="problem" role="alert" data-test="not-asked">
          <Icon name="alert" />
          {to < from ? w.exitFirst : w.tooLong}
        </p>
      )}
      {document?.charging && <Charged />}
      {now.value ? (
        <Result now={now.value} other={kept ? other.value : null} names={names} faint={!valid || !sane} />
      ) : (
        sane && <NoResult why={refused || (valid ? '' : w.publishWrong)} />
      )}
      <Notices priced={now.value} drawn={told?.unknown_years ?? []} />
      <div class="row between how-long">
        <h2>{w.howLong}</h2>
        <span class="row">
          {id && versions.length > 0 && <Against versions={versions} against={against} />}
          <Lengths />
        </span>
      </div>
      {told && <PriceChart told={told} names={names} entry={from} stay={to - from} />}
      <Differences id={id} against={against} />
      {kept && <OverStays a={kept} b={drafted} names={[names[1] ?? '', w.draft]} />}
    </section>
  );
}
