/** The ladder of prices of one period: stage by stage, what a unit costs each class. */
import { MoneyField, NumberField } from '../parts/fields';
import { Icon } from '../parts/marks';
import { changed, edit, repriced } from '../tariffs/draft';
import { className, priceOf, signOf, withPrice } from '../tariffs/money';
import type { Document, Period, Stage } from '../tariffs/told';
import { words } from '../words';
import { minutes } from './tariff-bands';

/** A period as its card shows it: which it is, of which tariff, for which classes. */
export type Shown = { period: Period; at: number; document: Document; classes: string[] };
type Step = Shown & { stage: Stage; n: number };

/** Change one stage of one period. */
const restage = (at: number, n: number, change: (stage: Stage) => void): void =>
  edit((made) => change(made.periods?.[at]?.stages?.[n] as Stage));

function Length({ stage, n, at, of }: { stage: Stage; n: number; at: number; of: 'upto_minutes' | 'unit_minutes' }) {
  const w = words.value.tariffs;
  return (
    <NumberField
      label={`${of === 'unit_minutes' ? w.unit : w.upto} ${n + 1}`}
      unit={w.minutes}
      value={stage[of] ?? null}
      changed={changed(`periods[${at}].stages[${n}].${of}`)}
      set={(minutes) =>
        restage(at, n, (one) => {
          if (minutes !== null) one[of] = minutes;
        })
      }
    />
  );
}

const PriceCell = ({ stage, n, at, period, document, classes, vehicle }: Step & { vehicle: string }) => (
  <td>
    <MoneyField
      label={`${period.name} ${className(vehicle)} ${n + 1}`}
      unit={signOf(document.currency ?? 'CNY')}
      value={priceOf(stage.price_fen, vehicle)}
      changed={repriced(`periods[${at}].stages[${n}].price_fen`, vehicle)}
      test={`price-${at}-${n}-${vehicle}`}
      set={(fen) =>
        restage(at, n, (one) => {
          if (fen !== null) one.price_fen = withPrice(one.price_fen, classes, vehicle, fen);
        })
      }
    />
  </td>
);

function removeStage(at: number, n: number): void {
  edit((made) => {
    const ladder = made.periods?.[at]?.stages ?? [];
    ladder.splice(n, 1);
    delete ladder.at(-1)?.upto_minutes;
  });
}

/** One more stage: what was open ends an hour later, and the same goes on. */
export function addStage(at: number): void {
  edit((made) => {
    const one = made.periods?.[at] as Period;
    const last = (one.stages ?? []).at(-1) as Stage;
    const from = one.stages?.at(-2)?.upto_minutes ?? 0;
    one.stages = [
      ...(one.stages ?? []).slice(0, -1),
      { ...last, upto_minutes: from + Math.max(60, last.unit_minutes) },
      { unit_minutes: last.unit_minutes, price_fen: last.price_fen },
    ];
  });
}

function Rung(step: Step) {
  const w = words.value.tariffs;
  const { period, n, at, classes } = step;
  const stages = period.stages ?? [];
  return (
    <tr>
      <td class="ink2 nowrap">{minutes(stages[n - 1]?.upto_minutes ?? 0)}</td>
      <td>
        {n === stages.length - 1 ? (
          <span class="ink3 nowrap">{w.open_end}</span>
        ) : (
          <Length stage={step.stage} n={n} at={at} of="upto_minutes" />
        )}
      </td>
      <td>
        <Length stage={step.stage} n={n} at={at} of="unit_minutes" />
      </td>
      {classes.map((vehicle) => (
        <PriceCell key={vehicle} {...step} vehicle={vehicle} />
      ))}
      <td>
        {stages.length > 1 && (
          <button
            type="button"
            class="btn ghost sq tiny"
            aria-label={w.removeStage}
            title={w.removeStage}
            onClick={() => removeStage(at, n)}
          >
            <Icon name="x" size={14} />
          </button>
        )}
      </td>
    </tr>
  );
}

export function Ladder(shown: Shown) {
  const w = words.value.tariffs;
  return (
    <table class="tiers">
      <thead>
        <tr>
          <th>{w.from}</th>
          <th>{w.upto}</th>
          <th>{w.unit}</th>
          {shown.classes.map((name) => (
            <th key={name}>{shown.classes.length > 1 ? className(name) : w.price}</th>
          ))}
          <th />
        </tr>
      </thead>
      <tbody>
        {(shown.period.stages ?? []).map((stage, n) => (
          <Rung key={n} {...shown} stage={stage} n={n} />
        ))}
      </tbody>
    </table>
  );
}
