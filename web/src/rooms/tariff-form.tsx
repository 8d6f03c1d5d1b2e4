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

function Naming({ document }: { document: Document }) {
  const w = words.value.tariffs;
  const set = (language: string) => (text: string) =>
    edit((made) => {
      made.name = { ...made.name, [language]: text };
    });
  const named = document.classes ?? [];
  return (
    <section class="sec">
      <h2>{w.naming}</h2>
      <div class="opts">
        {(['zh', 'en'] as const).map((language) => (
          <Row key={language} label={language === 'zh' ? w.nameZh : w.nameEn}>
            <Typed
              label={language === 'zh' ? w.nameZh : w.nameEn}
              value={document.name[language] ?? ''}
              show={(text) => text}
              read={(text) => text.trim() || null}
              set={set(language)}
              changed={changed(`name.${language}`)}
              test={`name-${language}`}
            />
          </Row>
        ))}
        <Row label={w.currency}>
          <Typed
            label={w.currency}
            value={document.currency ?? 'CNY'}
            show={(text) => text}
            read={(text) => (/^[A-Z]{3}$/.test(text) ? text : null)}
            set={(text) =>
              edit((made) => {
                made.currency = text;
              })
            }
            changed={changed('currency')}
          />
        </Row>
        <Row label={w.zone}>
          <Typed
            label={w.zone}
            value={document.zone ?? 'Asia/Shanghai'}
            show={(text) => text}
            read={(text) => (zoneKnown(text) ? text : null)}
            hint={w.zoneUnknown}
            set={(text) =>
              edit((made) => {
                made.zone = text;
              })
            }
            changed={changed('zone')}
          />
        </Row>
      </div>
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
              onClick={() =>
                edit((made) => {
                  made.classes = on ? named.filter((one) => one !== name) : [...named, name];
                })
              }
            >
              {className(name)}
            </button>
          );
        })}
      </div>
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
      <More document={document} />
      <Raw document={document} />
      <Sign checked={checked} />
    </>
  );
}
