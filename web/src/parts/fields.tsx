/** Fields of a form: what is typed stays as it is typed, and becomes a value as soon as it is one. */

import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** How many fields on the page hold something that is no value of theirs. */
export const misread = signal(0);

type Common = { label: string; unit?: string; changed?: boolean; test?: string; wide?: boolean };

const look = (changed: boolean | undefined, wrong: boolean): string =>
  `field${changed ? ' chg' : ''}${wrong ? ' wrong' : ''}`;

/** A text of which `read` makes a value, or null for what is none; `show` is how a value is written. */
export function Typed<T>({
  value,
  show,
  read,
  set,
  label,
  unit,
  changed,
  test,
  hint,
  placeholder,
}: Common & {
  value: T;
  show: (value: T) => string;
  read: (text: string) => T | null;
  set: (value: T) => void;
  hint?: string;
  placeholder?: string;
}) {
  const [text, type] = useState(show(value));
  const [typing, begin] = useState(false);
  const shown = show(value);
  const wrong = text !== shown && read(text) === null;
  useEffect(() => {
    if (!typing) type(shown);
  }, [shown]);
  useEffect(() => {
    if (!wrong) return;
    misread.value += 1;
    return () => {
      misread.value -= 1;
    };
  }, [wrong]);
  return (
    <span class={look(changed, wrong)}>
      <input
        aria-label={label}
        aria-invalid={wrong}
        value={text}
        placeholder={placeholder}
        spellcheck={false}
        data-test={test}
        onFocus={() => begin(true)}
        onBlur={() => {
          begin(false);
          if (!wrong) type(shown);
        }}
        onInput={(event) => {
          const typed = event.currentTarget.value;
          type(typed);
          const made = read(typed);
          if (made !== null) set(made);
        }}
      />
      {unit && <s>{unit}</s>}
      {wrong && hint && (
        <em class="hint" role="alert">
          {hint}
        </em>
      )}
    </span>
  );
}

const numberIn = (text: string): number | null => {
  const plain = text.trim();
  return /^\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
};

/** A number; with `optional`, nothing is null as well. */
export function NumberField({
  value,
  set,
  optional = false,
  ...rest
}: Common & { value: number | null; set: (value: number | null) => void; optional?: boolean; placeholder?: string }) {
  return (
    <Typed<{ n: number | null }>
      {...rest}
      value={{ n: value }}
      show={({ n }) => (n === null ? '' : String(n))}
      read={(text) => {
        if (optional && text.trim() === '') return { n: null };
        const n = numberIn(text);
        return n === null ? null : { n };
      }}
      set={({ n }) => set(n)}
    />
  );
}

/** Money in hundredths, written in units with two places. */
export function MoneyField({
  value,
  set,
  optional = false,
  ...rest
}: Common & { value: number | null; set: (value: number | null) => void; optional?: boolean; placeholder?: string }) {
  return (
    <Typed<{ n: number | null }>
      {...rest}
      value={{ n: value }}
      show={({ n }) => (n === null ? '' : (n / 100).toFixed(2))}
      read={(text) => {
        if (optional && text.trim() === '') return { n: null };
        return /^\d+(\.\d{0,2})?$/.test(text.trim()) ? { n: Math.round(Number(text) * 100) } : null;
      }}
      set={({ n }) => set(n)}
    />
  );
}

/** One of some choices. */
export function Pick({
  value,
  choices,
  set,
  label,
  changed,
  test,
}: Common & { value: string; choices: readonly (readonly [string, string])[]; set: (value: string) => void }) {
  return (
    <span class={look(changed, false)}>
      <select aria-label={label} data-test={test} value={value} onChange={(event) => set(event.currentTarget.value)}>
        {choices.map(([key, name]) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
}

/** A label beside its field. */
export const Row = ({ label, children }: { label: string; children: ComponentChildren }) => (
  <div class="labelled">
    <span aria-hidden="true">{label}</span>
    {children}
  </div>
);
