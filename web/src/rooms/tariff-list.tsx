/** All tariffs, and what to begin a new one with. */
import { useState } from 'preact/hooks';
import { session } from '../api/session';
import { openRoom } from '../city/place';
import { count } from '../format';
import { Icon, Nothing } from '../parts/marks';
import { useReading } from '../parts/reading';
import { begin, hasDraft } from '../tariffs/draft';
import type { Document, Offer, TariffLine } from '../tariffs/told';
import { wallOf } from '../tariffs/wall';
import { lang, words } from '../words';
import { ImportForms } from './tariff-import';

export const titleOf = (name: Record<string, string>): string => name[lang.value] ?? Object.values(name)[0] ?? '';

export const mayWrite = (): boolean => session.value?.user.permissions.includes('tariffs.write') ?? false;

export function openDraft(document: Document): void {
  begin(document, null);
  openRoom('tariffs', 'draft');
}

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

function Preset({ offer }: { offer: Offer }) {
  const w = words.value.tariffs;
  const told = offer.words[lang.value];
  return (
    <li class="card preset">
      <h3>{titleOf(offer.document.name)}</h3>
      <ul>
        {told.slice(0, 4).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
      <button type="button" class="btn" data-test={`preset-${offer.id}`} onClick={() => openDraft(offer.document)}>
        <Icon name="edit" />
        {w.begin}
      </button>
    </li>
  );
}

/** A document from a file that this page, or the command, has written. */
function FromFile() {
  const w = words.value.tariffs;
  const [failed, fail] = useState(false);
  return (
    <span class="row">
      {failed && (
        <span class="problem" role="alert">
          <Icon name="alert" />
          {w.notADocument}
        </span>
      )}
      <label class="btn">
        <Icon name="upload" />
        {w.fromFile}
        <input
          type="file"
          accept="application/json,.json"
          class="sr"
          onChange={async (event) => {
            const file = event.currentTarget.files?.[0];
            const read = await file
              ?.text()
              .then(
                (text) => JSON.parse(text) as Document,
                () => null,
              )
              .catch(() => null);
            if (read?.name && typeof read.name === 'object') openDraft(read);
            else fail(true);
          }}
        />
      </label>
    </span>
  );
}

export function ListPage() {
  const w = words.value.tariffs;
  const { value, error } = useReading<{ items: TariffLine[] }>('/tariffs?limit=500');
  const { value: offers } = useReading<{ items: Offer[] }>('/pricing/presets');
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
      <div class="row between presets-head">
        <h2>
          {w.presets} <span class="ink3 small">{w.presetsLead}</span>
        </h2>
        <span class="row">
          {hasDraft('') && (
            <button type="button" class="btn" onClick={() => openRoom('tariffs', 'draft')} data-test="resume">
              <Icon name="edit" />
              {w.resumeDraft}
            </button>
          )}
          <FromFile />
        </span>
      </div>
      <ul class="presets" data-test="presets">
        {(offers?.items ?? []).map((offer) => (
          <Preset key={offer.id} offer={offer} />
        ))}
      </ul>
      <ImportForms open={openDraft} />
    </>
  );
}
