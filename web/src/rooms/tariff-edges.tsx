/** Free time, caps, multipliers, and what happens to units at edges. */
import { Fragment } from 'preact';
import { MoneyField, NumberField, Pick, Row, Typed } from '../parts/fields';
import { changed, edit, repriced } from '../tariffs/draft';
import { classesIn, className, priceOf, signOf, withPrice } from '../tariffs/money';
import type { Cap, Document, Free } from '../tariffs/told';
import { words } from '../words';

/** Whom free minutes are for, where not for all: `新能源车`, `休息日`. */
const forWhom = (free: Free): string =>
  [
    ...(free.days ?? []).map((day) => words.value.tariffs.dayNames[day] ?? day),
    ...(free.classes ?? []).map(className),
  ].join(' ');

/** Each grant of free minutes; without one, a place to begin. */
function FreeFields({ document }: { document: Document }) {
  const w = words.value.tariffs;
  const all = document.free?.length ? document.free : [{ minutes: 0 } as Free];
  const set = (at: number, part: Partial<Free>) =>
    edit((made) => {
      const next = made.free?.length ? made.free : [{ minutes: 0 }];
      next[at] = { ...(next[at] as Free), ...part };
      made.free = next;
    });
  const drop = (at: number) =>
    edit((made) => {
      made.free?.splice(at, 1);
    });
  return (
    <>
      {all.map((free, at) => {
        const label = [w.freeMinutes, forWhom(free)].filter(Boolean).join(' ');
        return (
          <Fragment key={label}>
            <Row label={label}>
              <NumberField
                label={label}
                unit={w.minutes}
                value={free.minutes || null}
                optional
                placeholder="0"
                changed={changed(`free[${at}].minutes`)}
                test={at === 0 ? 'free-minutes' : `free-minutes-${at}`}
                set={(minutes) => (minutes ? set(at, { minutes }) : drop(at))}
              />
            </Row>
            <Row label={w.afterFree}>
              <Pick
                label={`${w.afterFree} ${at + 1}`}
                value={free.mode ?? 'gate'}
                choices={[
                  ['gate', w.gate],
                  ['deduct', w.deduct],
                ]}
                changed={changed(`free[${at}].mode`)}
                set={(mode) => set(at, { mode: mode as 'gate' | 'deduct' })}
              />
            </Row>
          </Fragment>
        );
      })}
    </>
  );
}

/** When the day of a cap begins. */
function CapAt({ cap, at }: { cap: Cap; at: number }) {
  const w = words.value.tariffs;
  return (
    <Row label={w.capAt}>
      <Typed
        label={w.capAt}
        value={cap.at ?? '00:00'}
        show={(text) => text}
        read={(text) => (/^([01]\d|2[0-3]):[0-5]\d$/.test(text) ? text : null)}
        set={(text) =>
          edit((made) => {
            for (const one of made.caps ?? []) if (one.window === 'day') one.at = text;
          })
        }
        changed={changed(`caps[${at}].at`)}
      />
    </Row>
  );
}

function CapField({
  document,
  window: kind,
  classes,
}: {
  document: Document;
  window: Cap['window'];
  classes: string[];
}) {
  const w = words.value.tariffs;
  const at = (document.caps ?? []).findIndex((cap) => cap.window === kind);
  const cap = document.caps?.[at];
  const label = { day: w.capDay, hours: w.capHours, visit: w.capVisit }[kind];
  const told = classesIn(cap?.amount_fen, classes);
  return (
    <>
      {told.map((vehicle) => (
        <Row key={vehicle} label={told.length > 1 ? `${label} ${className(vehicle)}` : label}>
          <MoneyField
            label={told.length > 1 ? `${label} ${className(vehicle)}` : label}
            unit={signOf(document.currency ?? 'CNY')}
            value={priceOf(cap?.amount_fen, vehicle)}
            optional
            placeholder={w.noCap}
            changed={at >= 0 && repriced(`caps[${at}].amount_fen`, vehicle)}
            test={`cap-${kind}-${vehicle}`}
            set={(fen) =>
              edit((made) => {
                const others = (made.caps ?? []).filter((one) => one.window !== kind);
                if (fen === null) made.caps = others;
                else
                  made.caps = [
                    ...others,
                    {
                      ...(cap ?? { window: kind }),
                      amount_fen: withPrice(cap?.amount_fen, told, vehicle, fen),
                    } as Cap,
                  ];
              })
            }
          />
        </Row>
      ))}
      {kind === 'day' && cap && <CapAt cap={cap} at={at} />}
    </>
  );
}

/** By how much the sum is multiplied for a class. */
function FactorField({ document, vehicle }: { document: Document; vehicle: string }) {
  const label = words.value.tariffs.factor(className(vehicle));
  return (
    <Row label={label}>
      <Typed
        label={label}
        unit="×"
        value={document.factors?.[vehicle] ?? ''}
        show={(text) => text}
        read={(text) => (text === '' || /^\d{1,6}(\.\d{1,18})?$/.test(text) ? text : null)}
        placeholder="1"
        changed={changed(`factors.${vehicle}`)}
        set={(text) =>
          edit((made) => {
            const { [vehicle]: _, ...others } = made.factors ?? {};
            made.factors = text ? { ...others, [vehicle]: text } : others;
          })
        }
      />
    </Row>
  );
}

const CHOICES = [
  ['at_period_end', 'atEnd', 'ends', 'cut'],
  ['units', 'unitsKey', 'units', 'started'],
  ['stages_restart', 'restart', 'restarts', 'stay'],
  ['on_change', 'onChange', 'onChanges', 'entry'],
] as const;

export function Edges({ document, classes }: { document: Document; classes: string[] }) {
  const w = words.value.tariffs;
  return (
    <section class="sec">
      <h2>{w.freeAndCaps}</h2>
      <div class="opts">
        <FreeFields document={document} />
        {(['day', 'hours', 'visit'] as const).map((kind) => (
          <CapField key={kind} document={document} window={kind} classes={classes} />
        ))}
        {classes.length > 1 &&
          classes.map((vehicle) => <FactorField key={vehicle} document={document} vehicle={vehicle} />)}
        {CHOICES.map(([key, label, names, first]) => (
          <Row key={key} label={w[label]}>
            <Pick
              label={w[label]}
              value={document[key] ?? first}
              choices={Object.entries(w[names])}
              changed={changed(key)}
              test={key}
              set={(value) =>
                edit((made) => {
                  made[key] = value as never;
                })
              }
            />
          </Row>
        ))}
      </div>
    </section>
  );
}
