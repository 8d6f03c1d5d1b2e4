/** The rules as a form: what most tariffs say has a field, everything else is in the document's own text. */
import { useEffect, useState } from 'preact/hooks';
import { MoneyField, NumberField, Pick, Row, Typed } from '../parts/fields';
import { Icon } from '../parts/marks';
import { changed, draft, edit } from '../tariffs/draft';
import { className, priceOf, signOf, withPrice } from '../tariffs/money';
import type { Cap, Checked, Document, Free } from '../tariffs/told';
import { zoneKnown } from '../tariffs/wall';
import { lang, words } from '../words';
import { Periods } from './tariff-periods';

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
  named.delete('*');
  return named.size ? [...named] : ['small'];
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

/** The first free minutes; others keep their place in the text. */
function FreeFields({ document }: { document: Document }) {
  const w = words.value.tariffs;
  const free = document.free?.[0];
  const set = (part: Partial<Free>) =>
    edit((made) => {
      made.free = [{ ...(made.free?.[0] ?? { minutes: 0 }), ...part }, ...(made.free ?? []).slice(1)];
    });
  return (
    <>
      <Row label={w.freeMinutes}>
        <NumberField
          label={w.freeMinutes}
          unit={w.minutes}
          value={free?.minutes ?? null}
          optional
          placeholder="0"
          changed={changed('free[0].minutes')}
          test="free-minutes"
          set={(minutes) =>
            minutes
              ? set({ minutes })
              : edit((made) => {
                  made.free = (made.free ?? []).slice(1);
                })
          }
        />
      </Row>
      <Row label={w.afterFree}>
        <Pick
          label={w.afterFree}
          value={free?.mode ?? 'gate'}
          choices={[
            ['gate', w.gate],
            ['deduct', w.deduct],
          ]}
          changed={changed('free[0].mode')}
          set={(mode) => set({ mode: mode as 'gate' | 'deduct' })}
        />
      </Row>
    </>
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
  return (
    <>
      {classes.map((vehicle) => (
        <Row key={vehicle} label={classes.length > 1 ? `${label} ${className(vehicle)}` : label}>
          <MoneyField
            label={classes.length > 1 ? `${label} ${className(vehicle)}` : label}
            unit={signOf(document.currency ?? 'CNY')}
            value={priceOf(cap?.amount_fen, vehicle)}
            optional
            placeholder={w.noCap}
            changed={at >= 0 && changed(`caps[${at}].amount_fen`)}
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
                      amount_fen: withPrice(cap?.amount_fen, classes, vehicle, fen),
                    } as Cap,
                  ];
              })
            }
          />
        </Row>
      ))}
      {kind === 'day' && cap && (
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
      )}
    </>
  );
}

function Edges({ document, classes }: { document: Document; classes: string[] }) {
  const w = words.value.tariffs;
  const choice = <K extends 'units' | 'at_period_end' | 'stages_restart' | 'on_change'>(
    key: K,
    label: string,
    names: Record<string, string>,
    first: string,
  ) => (
    <Row label={label}>
      <Pick
        label={label}
        value={String(document[key] ?? first)}
        choices={Object.entries(names)}
        changed={changed(key)}
        test={key}
        set={(value) =>
          edit((made) => {
            made[key] = value as never;
          })
        }
      />
    </Row>
  );
  return (
    <section class="sec">
      <h2>{w.freeAndCaps}</h2>
      <div class="opts">
        <FreeFields document={document} />
        {(['day', 'hours', 'visit'] as const).map((kind) => (
          <CapField key={kind} document={document} window={kind} classes={classes} />
        ))}
        {document.visit && (
          <Row label={w.perVisit}>
            <MoneyField
              label={w.perVisit}
              unit={signOf(document.currency ?? 'CNY')}
              value={priceOf(document.visit.price_fen, classes[0] as string)}
              changed={changed('visit.price_fen')}
              set={(fen) =>
                edit((made) => {
                  if (made.visit && fen !== null)
                    made.visit.price_fen = withPrice(made.visit.price_fen, classes, classes[0] as string, fen);
                })
              }
            />
          </Row>
        )}
        {classes.length > 1 &&
          classes.map((vehicle) => (
            <Row key={vehicle} label={w.factor(className(vehicle))}>
              <Typed
                label={w.factor(className(vehicle))}
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
          ))}
        {choice('at_period_end', w.atEnd, w.ends, 'cut')}
        {choice('units', w.unitsKey, w.units, 'started')}
        {choice('stages_restart', w.restart, w.restarts, 'stay')}
        {choice('on_change', w.onChange, w.onChanges, 'entry')}
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

/** The document as its text: what cannot be read is kept until it can. */
function Raw({ document }: { document: Document }) {
  const w = words.value.tariffs;
  const whole = JSON.stringify(document, null, 2);
  const [text, type] = useState(whole);
  const [typing, begin] = useState(false);
  const [wrong, fail] = useState(false);
  useEffect(() => {
    if (!typing) type(whole);
  }, [whole, typing]);
  return (
    <details class="sec fold">
      <summary>
        <h2>
          {w.raw} <span>{wrong ? <b class="bad">{w.rawBad}</b> : w.rawLead}</span>
        </h2>
      </summary>
      <textarea
        class="raw mono"
        aria-label={w.raw}
        aria-invalid={wrong}
        spellcheck={false}
        rows={18}
        value={text}
        data-test="raw"
        onFocus={() => begin(true)}
        onBlur={() => {
          begin(false);
          fail(false);
        }}
        onInput={(event) => {
          const typed = event.currentTarget.value;
          type(typed);
          try {
            const read = JSON.parse(typed) as Document;
            const sound = typeof read?.name === 'object' && read.name !== null;
            fail(!sound);
            if (sound)
              edit((made) => {
                for (const key of Object.keys(made)) delete made[key];
                Object.assign(made, read);
              });
          } catch {
            fail(true);
          }
        }}
      />
    </details>
  );
}

/** The rules as the public reads them, from the same data; or why nobody could. */
function Sign({ checked }: { checked: Checked | null }) {
  const w = words.value.tariffs;
  const [copied, say] = useState(false);
  if (checked?.problems.length)
    return (
      <section class="sign wrong" role="alert" data-test="problems">
        <b class="bold bad row">
          <Icon name="alert" />
          {w.wrong}
        </b>
        <ul>
          {checked.problems.map((one) => (
            <li key={one.where + one.code}>
              <code class="mono">{one.where || 'document'}</code> {one.sentence}
            </li>
          ))}
        </ul>
      </section>
    );
  const lines = checked?.words?.[lang.value] ?? [];
  return (
    <section class="sign" data-test="sign">
      <div class="row between small">
        <b class="bold">{w.sign}</b>
        <button
          type="button"
          class="btn ghost small-btn"
          onClick={() => void navigator.clipboard?.writeText(lines.join('\n')).then(() => say(true))}
        >
          <Icon name={copied ? 'check' : 'copy'} />
          {copied ? w.copied : w.copy}
        </button>
      </div>
      <ul>
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
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
