/** One tariff: its rules at the left, what they cost at the right, always beside each other. */
import { useEffect, useErrorBoundary, useState } from 'preact/hooks';
import { get } from '../api/http';
import { catalogue } from '../city/catalogue';
import { openRoom } from '../city/place';
import { Icon, Nothing } from '../parts/marks';
import { useReading } from '../parts/reading';
import { base, begin, changes, draft, forget, fresh, resume, undo, undoable } from '../tariffs/draft';
import type { Checked, TariffLine, Version, Whole } from '../tariffs/told';
import { words } from '../words';
import { useSent } from './tariff-asking';
import { Verification } from './tariff-check';
import { Form } from './tariff-form';
import { titleOf } from './tariff-list';
import { Lots } from './tariff-lots';
import { Publish } from './tariff-publish';
import { Versions } from './tariff-versions';

function save(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = `${name}.json`;
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Back to what is published; of a new tariff nothing is left. */
function discard(): void {
  if (base.value) begin(base.value.document, base.value);
  else {
    draft.value = null;
    forget(fresh.value);
    openRoom('tariffs');
  }
}

function Top({ id, line }: { id: string; line: TariffLine | null }) {
  const w = words.value.tariffs;
  const document_ = draft.value;
  const differs = changes.value.length;
  if (!document_) return null;
  const zone = document_.zone ?? 'Asia/Shanghai';
  return (
    <header class="editor-top">
      <button type="button" class="btn ghost" onClick={() => openRoom('tariffs')} data-test="to-list">
        <Icon name="left" />
        {w.toList}
      </button>
      <h1 class="ell">{titleOf(document_.name)}</h1>
      {base.value && <span class="badge">v{base.value.version.version}</span>}
      <span class={`badge ${!base.value || differs ? 'wait' : 'ok'}`} data-test="draft-badge">
        {base.value
          ? differs
            ? `${w.draft} · ${w.changes(differs)}`
            : w.unchanged(base.value.version.version)
          : `${w.fresh} · ${w.draft}`}
      </span>
      {zone !== catalogue.value?.city.zone && (
        <span class="badge wait" title={w.otherZoneLead} data-test="other-zone">
          {w.otherZone(zone)}
        </span>
      )}
      {line && <span class="small ink3 nowrap">{w.assignLead(w.lotsCount(String(line.lots)))}</span>}
      <span class="grow" />
      <button type="button" class="btn ghost" disabled={undoable.value === 0} onClick={undo}>
        <Icon name="undo" />
        {w.undo}
      </button>
      {(!base.value || differs > 0) && (
        <button type="button" class="btn ghost danger" onClick={discard} data-test="discard">
          {w.discardDraft}
        </button>
      )}
      <button
        type="button"
        class="btn"
        onClick={() => save(id || 'tariff', `${JSON.stringify({ form: 1, ...document_ }, null, 2)}\n`)}
      >
        <Icon name="download" />
        {w.exportFile}
      </button>
    </header>
  );
}

/** `again` reads what surrounds the draft; `anew` begins the draft again from the newest version. */
function Editor({ id, turn, again, anew }: { id: string; turn: number; again: () => void; anew: () => void }) {
  const line = useReading<TariffLine>(id ? `/tariffs/${id}` : null, turn).value;
  const versions = useReading<{ items: Version[] }>(id ? `/tariffs/${id}/versions?limit=100` : null, turn).value;
  const checked = useSent<Checked>('/pricing/check', draft.value ? { document: draft.value } : null).value;
  return (
    <main class="editor" data-test="editor">
      <Top id={id} line={line} />
      <section class="editor-form" aria-label={words.value.tariffs.tabs.rules}>
        <Form checked={checked} />
        <Publish id={id} newest={line?.newest ?? 0} checked={checked} done={anew} />
        {versions && <Versions id={id} items={versions.items} newest={line?.newest ?? 0} done={anew} />}
        {id && <Lots id={id} turn={turn} done={again} />}
      </section>
      <Verification id={id} versions={versions?.items ?? []} valid={checked?.problems.length === 0} />
    </main>
  );
}

/** A draft that the page cannot show, whatever the reason: nothing is lost, and it can be thrown away. */
function Unshown({ id }: { id: string }) {
  const w = words.value.tariffs;
  return (
    <main class="page" data-test="unshown">
      <Nothing icon="alert" title={w.unshown}>
        {w.unshownLead}
      </Nothing>
      <p class="row centred">
        <button type="button" class="btn" onClick={() => openRoom('tariffs')}>
          {w.toList}
        </button>
        <button
          type="button"
          class="btn danger"
          onClick={() => {
            draft.value = null;
            forget(id);
            openRoom('tariffs');
          }}
        >
          {w.discardDraft}
        </button>
      </p>
    </main>
  );
}

/** `id` is a tariff's, or (`isNew`) where this browser keeps the draft of one that is none yet. */
export function EditorPage({ id, fresh: isNew }: { id: string; fresh: boolean }) {
  const [broken] = useErrorBoundary();
  const [turn, next] = useState(0);
  const [begun, beginAgain] = useState(0);
  const [missing, miss] = useState(false);
  const here = isNew ? draft.value !== null && fresh.value === id : base.value?.id === id;
  useEffect(() => {
    if (isNew) {
      if (!here && !resume(id)) openRoom('tariffs');
      return;
    }
    if (begun === 0 && (here || resume(id))) return;
    let wanted = true;
    get<TariffLine>(`/tariffs/${id}`)
      .then((line) => get<Whole>(`/tariffs/${id}/versions/${line.newest}`))
      .then(
        (whole) => wanted && begin(whole.document, whole),
        () => wanted && miss(true),
      );
    return () => {
      wanted = false;
    };
  }, [id, isNew, begun]);
  if (broken) return <Unshown id={id} />;
  if (missing)
    return (
      <main class="page">
        <Nothing icon="alert" title={words.value.httpFailed} />
      </main>
    );
  if (!here || !draft.value)
    return (
      <main class="page">
        <div class="skeleton" role="status" aria-label={words.value.loading} />
      </main>
    );
  const again = () => next(turn + 1);
  const anew = () => {
    again();
    beginAgain(begun + 1);
  };
  return <Editor id={isNew ? '' : id} {...{ turn, again, anew }} />;
}
