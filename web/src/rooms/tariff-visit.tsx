/** What a visit costs as such and at each turning hour, and what a bay with a charger tells apart. */
import { MoneyField, NumberField, Pick, Row, Typed } from '../parts/fields';
import { changed, edit, repriced } from '../tariffs/draft';
import { classesIn, className, priceOf, signOf, withPrice } from '../tariffs/money';
import type { Charging, Document, Price, Turns } from '../tariffs/told';
import { words } from '../words';

type PricesProps = {
  document: Document;
  classes: string[];
  label: string;
  path: string;
  price: Price | null | undefined;
  set: (price: Price) => void;
  test: string;
};

/** One price, or one for each class that it tells apart. */
const Prices = ({ document, classes, label, path, price, set, test }: PricesProps) => (
  <>
    {classesIn(price, classes).map((vehicle, _, told) => {
      const name = told.length > 1 ? `${label} ${className(vehicle)}` : label;
      return (
        <Row key={vehicle} label={name}>
          <MoneyField
            label={name}
            unit={signOf(document.currency ?? 'CNY')}
            value={priceOf(price, vehicle)}
            changed={repriced(path, vehicle)}
            test={`${test}-${vehicle}`}
            set={(fen) => fen !== null && set(withPrice(price, told, vehicle, fen))}
          />
        </Row>
      );
    })}
  </>
);

type SwitchProps = { label: string; on: boolean; set: (on: boolean) => void; test: string };

const Switch = ({ label, on, set, test }: SwitchProps) => (
  <button type="button" class={on ? 'chip on' : 'chip'} aria-pressed={on} onClick={() => set(!on)} data-test={test}>
    {label}
  </button>
);

function TurnFields({ document, classes, turns }: { document: Document; classes: string[]; turns: Turns }) {
  const w = words.value.tariffs;
  const set = (part: Partial<Turns>) =>
    edit((made) => {
      if (made.visit?.turns) Object.assign(made.visit.turns, part);
    });
  return (
    <>
      <Row label={w.turnAt}>
        <Typed
          label={w.turnAt}
          value={turns.at}
          show={(text) => text}
          read={(text) => (/^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? text : null)}
          set={(at) => set({ at })}
          changed={changed('visit.turns.at')}
          test="turn-at"
        />
      </Row>
      <Prices
        document={document}
        classes={classes}
        label={w.turnPrice}
        path="visit.turns.price_fen"
        price={turns.price_fen}
        set={(price_fen) => set({ price_fen })}
        test="turn-price"
      />
      <Row label={w.turnFirst}>
        <Pick
          label={w.turnFirst}
          value={turns.first ?? 'entry_day'}
          choices={Object.entries(w.turnFirsts)}
          changed={changed('visit.turns.first')}
          set={(first) => set({ first: first as 'entry_day' | 'next_day' })}
          test="turn-first"
        />
      </Row>
      <Row label={w.turnEdge}>
        <Pick
          label={w.turnEdge}
          value={turns.inclusive ? 'yes' : 'no'}
          choices={Object.entries(w.turnEdges)}
          changed={changed('visit.turns.inclusive')}
          set={(edge) => set({ inclusive: edge === 'yes' })}
          test="turn-edge"
        />
      </Row>
    </>
  );
}

const LENGTHS = [
  ['grace_minutes', 'chargeGrace'],
  ['plug_in_minutes', 'plugIn'],
] as const;

function ChargingFields({ charging, classes }: { charging: Charging; classes: string[] }) {
  const w = words.value.tariffs;
  const known = [...new Set([...classes, charging.charging, charging.idle])];
  const set = (part: Partial<Charging>) =>
    edit((made) => {
      if (made.charging) Object.assign(made.charging, part);
    });
  return (
    <>
      {(['charging', 'idle'] as const).map((key) => (
        <Row key={key} label={w.chargeAs[key]}>
          <Pick
            label={w.chargeAs[key]}
            value={charging[key]}
            choices={known.map((name) => [name, className(name)] as const)}
            changed={changed(`charging.${key}`)}
            set={(name) => set({ [key]: name })}
            test={`charging-${key}`}
          />
        </Row>
      ))}
      {LENGTHS.map(([key, label]) => (
        <Row key={key} label={w[label]}>
          <NumberField
            label={w[label]}
            unit={w.minutes}
            value={charging[key] || null}
            optional
            placeholder="0"
            changed={changed(`charging.${key}`)}
            set={(minutes) => set({ [key]: minutes ?? 0 })}
            test={`charging-${key}`}
          />
        </Row>
      ))}
    </>
  );
}

/** The classes that a charger tells apart join those that the tariff names, if it names any. */
function chargeBay(on: boolean): void {
  edit((made) => {
    if (!on) {
      delete made.charging;
      return;
    }
    made.charging = { charging: 'ev_charging', idle: 'ev_idle', grace_minutes: 15, plug_in_minutes: 10 };
    if (made.classes?.length) made.classes = [...new Set([...made.classes, 'ev_charging', 'ev_idle'])];
  });
}

function visitPaid(on: boolean): void {
  edit((made) => {
    if (on) made.visit = { price_fen: 0 };
    else delete made.visit;
  });
}

function turning(on: boolean): void {
  edit((made) => {
    if (!made.visit) return;
    if (on) made.visit.turns = { at: '06:00', price_fen: 0 };
    else delete made.visit.turns;
  });
}

export function Visits({ document, classes }: { document: Document; classes: string[] }) {
  const w = words.value.tariffs;
  const { visit, charging } = document;
  return (
    <details class="sec fold" open={!!visit || !!charging}>
      <summary>
        <h2>{w.visitAndCharger}</h2>
      </summary>
      <div class="chips">
        <Switch label={w.perVisit} on={!!visit} set={visitPaid} test="visit-on" />
        {visit && <Switch label={w.turns} on={!!visit.turns} set={turning} test="turns-on" />}
        <Switch label={w.charger} on={!!charging} set={chargeBay} test="charger-on" />
      </div>
      <div class="opts">
        {visit && (
          <Prices
            document={document}
            classes={classes}
            label={w.perVisit}
            path="visit.price_fen"
            price={visit.price_fen}
            set={(price) =>
              edit((made) => {
                if (made.visit) made.visit.price_fen = price;
              })
            }
            test="visit-price"
          />
        )}
        {visit?.turns && <TurnFields document={document} classes={classes} turns={visit.turns} />}
        {charging && <ChargingFields charging={charging} classes={classes} />}
      </div>
    </details>
  );
}
