/** A tariff's versions: which holds since when, who published it and why; one that is to come can be taken back. */
import { useState } from 'preact/hooks';
import { get, type Refusal, send } from '../api/http';
import { type Said, Told } from '../parts/said';
import { begin, draft } from '../tariffs/draft';
import type { Standing, Version, Whole } from '../tariffs/told';
import { wallOf } from '../tariffs/wall';
import { words } from '../words';
import { mayWrite } from './tariff-list';
import { whyNot } from './tariff-publish';

const LOOK: Record<Standing, string> = { in_force: 'ok', coming: 'wait', past: '', replaced: 'stale' };

type Props = { id: string; items: Version[]; newest: number; done: () => void };

export function Versions({ id, items, newest, done }: Props) {
  const w = words.value.tariffs;
  const zone = draft.value?.zone ?? 'Asia/Shanghai';
  const minute = (us: number): string => wallOf(us, zone).slice(0, 16).replace('T', ' ');
  const [said, say] = useState<Said | null>(null);
  const withdraw = async (version: number) => {
    try {
      await send(`/tariffs/${id}/versions/${version}/withdraw`, {});
      say({ text: w.withdrawn(version), well: true });
      done();
    } catch (error) {
      say({ text: whyNot(error as Refusal), well: false });
    }
  };
  const view = async (version: number) => {
    const whole = await get<Whole>(`/tariffs/${id}/versions/${version}`);
    begin(whole.document, whole);
  };
  return (
    <section class="sec" data-test="versions">
      <h2>{w.versions}</h2>
      <Told said={said} />
      <ol class="versions">
        {items.map((one) => (
          <li key={one.version}>
            <b class="bold">v{one.version}</b>
            <span class={`badge ${LOOK[one.standing]}`}>{w.standing[one.standing]}</span>
            <span class="versions-when">
              {one.until_us
                ? w.sinceUntil(minute(one.effective_us), minute(one.until_us))
                : w.sinceOn(minute(one.effective_us))}
              <span class="small ink3">
                {w.published_by(one.who, minute(one.at))}
                {one.note && ` · ${one.note}`}
              </span>
            </span>
            <button type="button" class="btn ghost small-btn" onClick={() => void view(one.version)}>
              {w.view}
            </button>
            {one.standing === 'coming' && newest > 1 && mayWrite() && (
              <button
                type="button"
                class="btn ghost small-btn danger"
                onClick={() => void withdraw(one.version)}
                data-test={`withdraw-${one.version}`}
              >
                {w.withdraw}
              </button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
