/** Publishing: from when the rules hold, why they changed, and what stands against it. */
import { useState } from 'preact/hooks';
import { type Refusal, send } from '../api/http';
import { openRoom } from '../city/place';
import { misread, Row, Typed } from '../parts/fields';
import { type Said, Told } from '../parts/said';
import { base, changes, draft, forget, fresh } from '../tariffs/draft';
import type { Checked, Whole } from '../tariffs/told';
import { instantOf, wallOf } from '../tariffs/wall';
import { words } from '../words';
import { mayWrite } from './tariff-list';

const HOUR = 3600e6;
const ID = /^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$/;
export type Moment = { once: boolean; wall: string };

/** From when on something holds: at once, or at a time of the tariff's clock. */
export function When({ moment, set, zone }: { moment: Moment; set: (moment: Moment) => void; zone: string }) {
  const w = words.value.tariffs;
  return (
    <span class="row when">
      <span class="seg" role="group" aria-label={w.effective}>
        {[true, false].map((once) => (
          <button
            key={String(once)}
            type="button"
            class={moment.once === once ? 'on' : ''}
            aria-pressed={moment.once === once}
            onClick={() => set({ ...moment, once })}
          >
            {once ? w.atOnce : w.atTime}
          </button>
        ))}
      </span>
      {!moment.once && (
        <Typed
          label={w.effective}
          value={moment.wall}
          show={(wall) => wall.replace('T', ' ').slice(0, 16)}
          read={(text) => {
            const wall = `${text.trim().replace(' ', 'T')}:00`;
            return /^\d{4}-\d\d-\d\dT\d\d:\d\d:00$/.test(wall) && instantOf(wall, zone) !== null ? wall : null;
          }}
          set={(wall) => set({ ...moment, wall })}
          test="effective"
        />
      )}
    </span>
  );
}

/** The next midnight but one: a time that nobody has to hurry for. */
export function soon(zone: string): Moment {
  const later = wallOf(Date.now() * 1000 + 24 * HOUR, zone).slice(0, 10);
  return { once: true, wall: `${later}T00:00:00` };
}

export const instantIn = (moment: Moment, zone: string): number | null =>
  moment.once ? null : instantOf(moment.wall, zone);

/** A refusal in words of the page. */
export function whyNot(error: Refusal): string {
  const w = words.value.tariffs;
  const known: Record<string, string> = {
    version_conflict: w.conflict,
    effective_in_past: w.inPast,
    id_taken: w.idTaken,
    tariff_not_in_force: w.notYetForce,
    forbidden: w.cannotWrite,
  };
  return known[error.code] ?? error.message;
}

/** Why this cannot be published, or nothing. */
function hindranceOf(id: string, name: string, newest: number, checked: Checked | null): string {
  const w = words.value.tariffs;
  if (!mayWrite()) return w.cannotWrite;
  if (misread.value) return w.publishMisread;
  if (checked?.problems.length) return w.publishWrong;
  if (base.value?.version.version === newest && changes.value.length === 0) return w.publishSame;
  return id || ID.test(name) ? '' : w.idBad;
}

type TextProps = { label: string; value: string; set: (text: string) => void; test: string; placeholder?: string };

const Text = ({ label, value, set, test, placeholder }: TextProps) => (
  <Row label={label}>
    <span class="field">
      <input
        aria-label={label}
        value={value}
        maxLength={500}
        placeholder={placeholder}
        spellcheck={false}
        data-test={test}
        onInput={(event) => set(event.currentTarget.value)}
      />
    </span>
  </Row>
);

type Props = { id: string; newest: number; checked: Checked | null; done: () => void };

export function Publish({ id, newest, checked, done }: Props) {
  const w = words.value.tariffs;
  const zone = draft.value?.zone ?? 'Asia/Shanghai';
  const [moment, choose] = useState<Moment>(() => soon(zone));
  const [name, call] = useState('');
  const [note, write] = useState('');
  const [said, say] = useState<Said | null>(null);
  const hindrance = hindranceOf(id, name, newest, checked);
  const publish = async () => {
    const body = { document: draft.value, effective_us: instantIn(moment, zone), note };
    try {
      const made = id
        ? await send<Whole>(`/tariffs/${id}/versions`, { newest, ...body })
        : await send<Whole>('/tariffs', { id: name, ...body });
      say({ text: w.published(made.version.version), well: true });
      write('');
      if (!id) {
        forget(fresh.value);
        openRoom('tariffs', `of/${name}`);
      }
      done();
    } catch (error) {
      say({ text: w.notPublished(whyNot(error as Refusal)), well: false });
    }
  };
  return (
    <section class="sec publish">
      <h2>{w.effect}</h2>
      <div class="opts one">
        {!id && <Text label={w.id} value={name} set={call} test="new-id" />}
        <Row label={w.effective}>
          <When moment={moment} set={choose} zone={zone} />
        </Row>
        <Text label={w.note} value={note} set={write} test="note" placeholder={w.notePlaceholder} />
      </div>
      <p class="small ink3">{w.effectLead}</p>
      {id && base.value && base.value.version.version < newest && changes.value.length > 0 && (
        <p class="said warn" role="status" data-test="older-base">
          {w.olderBase(base.value.version.version, newest)}
        </p>
      )}
      <div class="row">
        <button type="button" class="btn pri" disabled={!!hindrance} onClick={() => void publish()} data-test="publish">
          {id ? w.publish(newest + 1) : w.create}
        </button>
        {hindrance && <span class="small ink2">{hindrance}</span>}
      </div>
      <Told said={said} test="publish-said" />
    </section>
  );
}
