/** Other people's tariffs, read from their files: each becomes a draft of ours, or says by name what we cannot say. */
import { useState } from 'preact/hooks';
import { type Refusal, send } from '../api/http';
import { count } from '../format';
import { Pick } from '../parts/fields';
import { Icon } from '../parts/marks';
import { type Document, type Imported, sentenceOf } from '../tariffs/told';
import { zoneKnown } from '../tariffs/wall';
import { lang, words } from '../words';

const SHOWN = 30;

function Read({ told, open }: { told: Imported; open: (document: Document) => void }) {
  const w = words.value.tariffs;
  return (
    <>
      <p class="said" role="status" data-test="imported">
        {w.importRead(count(told.read), count(told.tariffs.length), count(told.unread.length))}
      </p>
      <ul class="presets">
        {told.tariffs.slice(0, SHOWN).map((one) => (
          <li key={one.names[0]} class="card preset">
            <h3 class="ell" title={one.names.join(', ')}>
              {one.names[0]}
              {one.names.length > 1 && <span class="ink3 small"> +{one.names.length - 1}</span>}
            </h3>
            <ul>
              {one.words[lang.value].slice(0, 4).map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            <button type="button" class="btn" onClick={() => open(one.document)} data-test="import-begin">
              <Icon name="edit" />
              {w.begin}
            </button>
          </li>
        ))}
      </ul>
      {told.unread.length > 0 && (
        <details class="sec fold" data-test="import-unread">
          <summary>
            <h2>{w.importUnread}</h2>
          </summary>
          <ul class="small">
            {told.unread.slice(0, SHOWN * 4).map((one) => (
              <li key={one.name + one.problems[0]?.where}>
                <b class="bold">{one.name}</b>{' '}
                {one.problems.map((each) => `${each.where} ${sentenceOf(each)}`).join('; ')}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

export function ImportForms({ open }: { open: (document: Document) => void }) {
  const w = words.value.tariffs;
  const [form, choose] = useState('curblr');
  const [zone, place] = useState('UTC');
  const [currency, pay] = useState('USD');
  const [told, tell] = useState<Imported | null>(null);
  const [said, say] = useState('');
  const run = async (file: File | undefined) => {
    if (!file) return;
    say(w.trying);
    tell(null);
    try {
      tell(await send<Imported>('/pricing/import', { form, file: await file.text(), zone, currency }));
      say('');
    } catch (error) {
      say(w.notImported((error as Refusal).message));
    }
  };
  const field = (label: string, value: string, set: (text: string) => void, sound: boolean) => (
    <span class={sound ? 'field' : 'field wrong'}>
      <input aria-label={label} value={value} spellcheck={false} onInput={(event) => set(event.currentTarget.value)} />
    </span>
  );
  return (
    <section class="import-forms" data-test="import-forms">
      <h2>
        {w.otherForms} <span class="ink3 small">{w.otherFormsLead}</span>
      </h2>
      <div class="row">
        <Pick label={w.formOfFile} value={form} choices={Object.entries(w.forms)} set={choose} test="import-form" />
        {(form === 'cds' || form === 'ocpi') && field(w.zone, zone, place, zoneKnown(zone))}
        {form === 'cds' && field(w.currency, currency, pay, /^[A-Z]{3}$/.test(currency))}
        <label class="btn">
          <Icon name="upload" />
          {w.chooseForeign}
          <input
            type="file"
            class="sr"
            data-test="import-file"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              void run(file);
              event.currentTarget.value = '';
            }}
          />
        </label>
      </div>
      {said && (
        <p class="said warn" role="status">
          {said}
        </p>
      )}
      {told && <Read told={told} open={open} />}
    </section>
  );
}
