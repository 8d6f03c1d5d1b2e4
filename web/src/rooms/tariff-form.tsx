/** The rules as a form: what most tariffs say has a field, everything else is in the document's own text. */
import { MoneyField, NumberField, Row, Typed } from '../parts/fields';
import { changed, draft, edit } from '../tariffs/draft';
import { className, signOf } from '../tariffs/money';
import type { Checked, Document } from '../tariffs/told';
import { zoneKnown } from '../tariffs/wall';
import { words } from '../words';
import { Edges } from './tariff-edges';
import { Periods } from './tariff-periods';
import { Raw, Sign } from './tariff-text';
import { Visits } from './tariff-visit';

export const classesOf = (document: Document): string[] => {
  if (document.classes?.length) return document.classes;
  const prices = [
    ...(document.periods ?? []).flatMap((one) => [
      one.flat_fen,
      one.cap_fen,
      ...(one.stages ?? []).map((s) => s.price_fen),
    ]),
    document.visit?.price_fen,
  ];
  const named = new Set(prices.flatMap((price) => (price && typeof price === 'object' ? Object.keys(price) : [])));
  // Whoever is not named pays the others' price: a small car stands for them.
  if (named.delete('*') || named.size === 0) return ['small', ...[...named].filter((name) => name !== 'small')];
  return [...named];
};

const KNOWN = ['small', 'large', 'other', 'moto', 'new_energy', 'diesel', 'low_emission', 'ev_charging', 'ev_idle'];

const NAMES = [
  ['zh', 'nameZh'],
  ['en', 'nameEn'],
] as const;
const PLAIN = [
  ['currency', 'CNY', (text: string) => /^[A-Z]{3}$/.test(text)],
  ['zone', 'Asia/Shanghai', zoneKnown],
] as const;

function Vehicles({ named }: { named: string[] }) {
  const w = words.value.tariffs;
  const toggle = (name: string, on: boolean) =>
    edit((made) => {
      made.classes = on ? named.filter((one) => one !== name) : [...named, name];
    });
  return (
    <div class="chips" role="group" aria-label={w.vehicles}>
      <span class="ink2 small">{w.vehicles}</span>
      {named.length === 0 && <span class="chip">{w.anyClass}</span>}
      {[...new Set([...named, ...KNOWN])].map((name) => {
        const on = named.includes(name);
        return (
          <button
            key={name}
            type="button"
            class={on ? 'chip on' : 'chip'}
            aria-pressed={on}
            onClick={() => toggle(name, on)}
          >
            {className(name)}
          </button>
        );
      })}
    </div>
  );
}

function Naming({ document }: { document: Document }) {
  const w = words.value.tariffs;
  return (
    <section class="sec">
      <h2>{w.naming}</h2>
      <div class="opts">
        {NAMES.map(([language, label]) => (
          <Row key={language} label={w[label]}>
            <Typed
              label={w[label]}
              value={document.name[language] ?? ''}
              show={(text) => text}
              read={(text) => text.trim() || null}
              set={(text) =>
                edit((made) => {
                  made.name = { ...made.name, [language]: text };
                })
              }
              changed={changed(`name.${language}`)}
              test={`name-${language}`}
            />
          </Row>
        ))}
        {PLAIN.map(([key, first, sound]) => (
          <Row key={key} label={w[key]}>
            <Typed
              label={w[key]}
              value={document[key] ?? first}
              show={(text) => text}
              read={(text) => (sound(text) ? text : null)}
              hint={key === 'zone' ? w.zoneUnknown : ''}
              set={(text) =>
                edit((made) => {
                  made[key] = text;
                })
              }
              changed={changed(key)}
            />
          </Row>
        ))}
      </div>
      <Vehicles named={document.classes ?? []} />
    </section>
  );
}

const LENGTHS = [
  ['max_stay_minutes', 'maxStay'],
  ['reentry_minutes', 'reentry'],
  ['exit_grace_minutes', 'grace'],
] as const;

function More({ document }: { document: Document }) {
  const w = words.value.tariffs;
  return (
    <details class="sec fold">
      <summary>
        <h2>{w.more}</h2>
      </summary>
      <div class="opts">
        {LENGTHS.map(([key, label]) => (
          <Row key={key} label={w[label]}>
            <NumberField
              label={w[label]}
              unit={w.minutes}
              value={document[key] || null}
              optional
              placeholder="–"
              changed={changed(key)}
              set={(minutes) =>
                edit((made) => {
                  if (minutes === null) delete made[key];
                  else made[key] = minutes;
                })
              }
            />
          </Row>
        ))}
        <Row label={w.roundTo}>
          <MoneyField
            label={w.roundTo}
            unit={signOf(document.currency ?? 'CNY')}
            value={document.rounding?.to_fen ?? 1}
            changed={changed('rounding.to_fen')}
            set={(fen) =>
              edit((made) => {
                if (fen) made.rounding = { ...made.rounding, to_fen: fen };
              })
            }
          />
        </Row>
      </div>
    </details>
  );
}

export function Form({ checked }: { checked: Checked | null }) {
  const document = draft.value;
  if (!document) return null;
  const classes = classesOf(document);
  return (
    <>
      <Naming document={document} />
      <Periods document={document} classes={classes} />
      <Edges document={document} classes={classes} />
      <Visits document={document} classes={classes} />
      <More document={document} />
      <Raw document={document} />
      <Sign checked={checked} />
    </>
  );
}
