/** All tariffs, and what to begin a new one with. */
import { useState } from 'preact/hooks';
import { session } from '../api/session';
import { catalogue } from '../city/catalogue';
import { openRoom } from '../city/place';
import { count } from '../format';
import { Icon, Nothing } from '../parts/marks';
import { useReading } from '../parts/reading';
import { begin, fresh, freshDrafts, hasDraft } from '../tariffs/draft';
import { misshapen } from '../tariffs/shape';
import type { Document, Offer, Problem, TariffLine } from '../tariffs/told';
import { wallOf } from '../tariffs/wall';
import { lang, words } from '../words';
import { ImportForms } from './tariff-import';
import { Problems } from './tariff-text';

export const titleOf = (name: Record<string, string>): string => name[lang.value] ?? Object.values(name)[0] ?? '';

export const mayWrite = (): boolean => session.value?.user.permissions.includes('tariffs.write') ?? false;

export function openDraft(document: Document): void {
  begin(document, null);
  openRoom('tariffs', `draft/${fresh.value}`);
}

const PRESET_LINES = 4;
/** A preset as this city begins with it: by the city's own clock. */
const here = (document: Document): Document => ({ ...document, zone: catalogue.value?.city.zone ?? document.zone });

function Kept({ items }: { items: TariffLine[] }) {
  const w = words.value.tariffs;
  return (
    <section class="card list-card" aria-label={w.kept} data-test="tariff-list">
      <table>
        <thead>
          <tr>
            <th>{w.name}</th>
            <th>{w.id}</th>
            <th>{w.inForce}</th>
            <th>{w.nextChange}</th>
            <th class="num">{w.lots}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((one) => (
            <tr key={one.id} class="pressable" onClick={() => openRoom('tariffs', `of/${one.id}`)}>
              <td>
                <button type="button" class="link bold" data-test={`tariff-${one.id}`}>
                  {titleOf(one.name)}
                </button>
                {hasDraft(one.id) && <span class="badge wait">{w.draft}</span>}
              </td>
              <td class="mono ink2">{one.id}</td>
              <td>
                {one.version === null ? (
                  <span class="badge wait">{w.noneInForce}</span>
                ) : (
                  <span class="badge ok">v{one.version}</span>
                )}
              </td>
              <td class="ink2">
                {one.next_us ? wallOf(one.next_us, one.zone).slice(0, 16).replace('T', ' ') : w.noChange}
              </td>
              <td class="num">{w.lotsCount(count(one.lots))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** New tariffs that are still drafts of this browser. */
function Unpublished() {
  const w = words.value.tariffs;
  const drafts = freshDrafts();
  if (!drafts.length) return null;
  return (
    <section class="card block" aria-label={w.freshDrafts} data-test="fresh-drafts">
      <h2>
        {w.freshDrafts} <span>{w.freshDraftsLead}</span>
      </h2>
      <div class="row wrap">
        {drafts.map(([key, document]) => (
          <button
            key={key}
            type="button"
            class="btn"
            onClick={() => openRoom('tariffs', `draft/${key}`)}
            data-test="resume"
          >
            <Icon name="edit" />
            {titleOf(document.name) || w.fresh}
          </button>
        ))}
      </div>
    </section>
  );
}

function Preset({ offer }: { offer: Offer }) {
  const w = words.value.tariffs;
  const told = offer.words[lang.value];
  return (
    <li class="card preset">
      <h3>{titleOf(offer.document.name)}</h3>
      <ul>
        {told.slice(0, PRESET_LINES).map((line) => (
          <li key={line}>{line}</li>
        ))}
        {told.length > PRESET_LINES && (
          <li class="ink3" title={told.slice(PRESET_LINES).join('\n')}>
            {w.moreLines(told.length - PRESET_LINES)}
          </li>
        )}
      </ul>
      <button
        type="button"
        class="btn"
        data-test={`preset-${offer.id}`}
        onClick={() => openDraft(here(offer.document))}
      >
        <Icon name="edit" />
        {w.begin}
      </button>
    </li>
  );
}

/** A document from a file that this page, or the command, has written. */
function FromFile() {
  const w = words.value.tariffs;
  const [name, call] = useState('');
  const [against, tell] = useState<Problem[]>([]);
  const take = async (file: File) => {
    call(file.name);
    const read: unknown = await file
      .text()
      .then(JSON.parse)
      .catch(() => null);
    const found = await misshapen(read);
    if (found.length) tell(found);
    else openDraft(read as Document);
  };
  return (
    <span class="row wrap">
      <label class="btn">
        <Icon name="upload" />
        {w.fromFile}
        <input
          type="file"
          accept="application/json,.json"
          class="sr"
          data-test="document-file"
          onChange={(event) => {
            const file = event.currentTarget.files?.[0];
            if (file) void take(file);
          }}
        />
      </label>
      {against.length > 0 && (
        <div class="said warn lines" role="alert" data-test="file-problems">
          <b class="bold">{name}</b> {w.notADocument}
          <Problems of={against} />
        </div>
      )}
    </span>
  );
}

export function ListPage() {
  const w = words.value.tariffs;
  const { value, error } = useReading<{ items: TariffLine[] }>('/tariffs?limit=500');
  const { value: offers } = useReading<{ items: Offer[] }>('/pricing/presets');
  // Presets wait for the list above them: nobody should press what moves away under the finger.
  const presets = value || error ? (offers?.items ?? []) : [];
  return (
    <>
      {error && (
        <p class="problem">
          <Icon name="alert" />
          {words.value.httpFailed}
        </p>
      )}
      {value && value.items.length > 0 && <Kept items={value.items} />}
      {value && value.items.length === 0 && (
        <section class="card list-card">
          <Nothing icon="yuan" title={w.none}>
            {w.noneLead}
          </Nothing>
        </section>
      )}
      <Unpublished />
      <div class="row between wrap presets-head">
        <h2>
          {w.presets} <span class="ink3 small">{w.presetsLead}</span>
        </h2>
        <span class="row">
          <FromFile />
        </span>
      </div>
      <ul class="presets" data-test="presets">
        {presets.map((offer) => (
          <Preset key={offer.id} offer={offer} />
        ))}
      </ul>
      <ImportForms open={openDraft} />
    </>
  );
}
