/** Which lots and street sections have the tariff, and giving it to more of them from a time on. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { all, type Refusal, send } from '../api/http';
import { catalogue, type Lot, nameOf } from '../city/catalogue';
import { count } from '../format';
import { Pick } from '../parts/fields';
import { Icon } from '../parts/marks';
import { type Said, Told } from '../parts/said';
import { draft } from '../tariffs/draft';
import type { Assignment } from '../tariffs/told';
import { words } from '../words';
import { mayWrite } from './tariff-list';
import { instantIn, type Moment, soon, When, whyNot } from './tariff-publish';

const LISTED = 200;

/** Lot → its tariff now. */
function useHave(turn: number): Map<string, string> {
  const [have, hold] = useState(new Map<string, string>());
  useEffect(() => {
    let wanted = true;
    void all<Assignment>('/assignments').then(
      (items) => wanted && hold(new Map(items.map((one) => [one.lot, one.tariff]))),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [turn]);
  return have;
}

type Listed = {
  lots: Lot[];
  have: Map<string, string>;
  id: string;
  chosen: ReadonlySet<string>;
  toggle: (lot: string) => void;
};

const Listed = ({ lots, have, id, chosen, toggle }: Listed) => {
  const w = words.value.tariffs;
  return (
    <ul class="lot-list rolls" aria-label={w.choose}>
      {lots.slice(0, LISTED).map((lot) => {
        const tariff = have.get(lot.id);
        return (
          <li key={lot.id}>
            <label>
              <input
                type="checkbox"
                checked={chosen.has(lot.id)}
                onChange={() => toggle(lot.id)}
                data-test={`lot-${lot.id}`}
              />
              <span class="ell">{nameOf(lot)}</span>
              <span class={`small ${tariff === id ? 'good' : 'ink3'}`}>
                {tariff === id ? w.hasThis : tariff ? w.hasOther(tariff) : ''}
              </span>
            </label>
          </li>
        );
      })}
    </ul>
  );
};

type Filter = { region: string; part: string };

/** What narrows the list, and a button that takes all of it or none. */
function Tools({
  filter,
  set,
  some,
  all,
}: {
  filter: Filter;
  set: (filter: Filter) => void;
  some: boolean;
  all: () => void;
}) {
  const w = words.value.tariffs;
  const regions = [...(catalogue.value?.regions.values() ?? [])];
  return (
    <div class="row lot-tools">
      <Pick
        label={w.allRegions}
        value={filter.region}
        choices={[['', w.allRegions], ...regions.map((one) => [one.id, nameOf(one)] as const)]}
        set={(region) => set({ ...filter, region })}
      />
      <span class="field grow">
        <Icon name="search" />
        <input
          aria-label={w.search}
          placeholder={w.search}
          value={filter.part}
          data-test="lot-search"
          onInput={(event) => set({ ...filter, part: event.currentTarget.value })}
        />
      </span>
      <button type="button" class="btn small-btn" onClick={all}>
        {some ? w.selectNone : w.selectShown}
      </button>
    </div>
  );
}

/** The lots and sections of a part of the city, by name. */
function useLots({ region, part }: Filter): Lot[] {
  const city = catalogue.value;
  const lots = useMemo(
    () => [...(city?.lots.values() ?? [])].map(({ lot }) => lot).sort((a, b) => nameOf(a).localeCompare(nameOf(b))),
    [city],
  );
  const wanted = part.trim().toLowerCase();
  return lots.filter(
    (lot) =>
      (!region || lot.region === region) &&
      (!wanted || `${lot.name_zh} ${lot.name_en} ${lot.id}`.toLowerCase().includes(wanted)),
  );
}

export function Lots({ id, turn, done }: { id: string; turn: number; done: () => void }) {
  const w = words.value.tariffs;
  const have = useHave(turn);
  const zone = draft.value?.zone ?? 'Asia/Shanghai';
  const [filter, narrow] = useState<Filter>({ region: '', part: '' });
  const [chosen, choose] = useState<ReadonlySet<string>>(new Set());
  const [moment, when] = useState<Moment>(() => soon(zone));
  const [said, say] = useState<Said | null>(null);
  const lots = useLots(filter);
  const mine = [...have.values()].filter((tariff) => tariff === id).length;
  const toggle = (lot: string) => {
    const next = new Set(chosen);
    if (!next.delete(lot)) next.add(lot);
    choose(next);
  };
  const assign = async () => {
    try {
      await send('/assignments', { tariff: id, lots: [...chosen], effective_us: instantIn(moment, zone) });
      say({ text: w.assigned(count(chosen.size)), well: true });
      choose(new Set());
      done();
    } catch (error) {
      say({ text: w.assignFailed(whyNot(error as Refusal)), well: false });
    }
  };
  const all = () => choose(new Set(chosen.size ? [] : lots.map((lot) => lot.id)));
  return (
    <details class="sec fold lots" data-test="lots">
      <summary>
        <h2>
          {w.assign} <span>{w.assignLead(w.lotsCount(count(mine)))}</span>
        </h2>
      </summary>
      <Tools filter={filter} set={narrow} some={chosen.size > 0} all={all} />
      <Listed {...{ lots, have, id, chosen, toggle }} />
      {mayWrite() && (
        <div class="row">
          <When moment={moment} set={when} zone={zone} />
          <span class="grow" />
          <button
            type="button"
            class="btn pri"
            disabled={!chosen.size}
            onClick={() => void assign()}
            data-test="assign"
          >
            {w.assignNow(count(chosen.size))}
          </button>
        </div>
      )}
      <Told said={said} test="assign-said" />
    </details>
  );
}
