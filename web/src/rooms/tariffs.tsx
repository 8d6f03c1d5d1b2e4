/** The tariffs' pages: the list with presets, the editor with its verification, the calendar, files of examples. */
import { openRoom, within } from '../city/place';
import { words } from '../words';
import { CalendarPage } from './tariff-calendar';
import { EditorPage } from './tariff-editor';
import { ExamplesPage } from './tariff-examples';
import { ListPage } from './tariff-list';

const TABS = [
  ['', 'rules'],
  ['calendar', 'calendar'],
  ['examples', 'examples'],
] as const;

function Tabs() {
  const w = words.value.tariffs;
  return (
    <nav class="seg tabs" aria-label={w.title}>
      {TABS.map(([to, name]) => (
        <button
          key={name}
          type="button"
          class={within.value === to ? 'on' : ''}
          aria-current={within.value === to ? 'page' : undefined}
          data-test={`tab-${name}`}
          onClick={() => openRoom('tariffs', to)}
        >
          {w.tabs[name]}
        </button>
      ))}
    </nav>
  );
}

export function Tariffs() {
  const w = words.value.tariffs;
  const here = within.value;
  const [kind, ...id] = here.split('/');
  if (kind === 'draft' || kind === 'of') return <EditorPage key={here} id={id.join('/')} fresh={kind === 'draft'} />;
  const calendar = here === 'calendar';
  const examples = here === 'examples';
  return (
    <main class="page tariffs" data-test="tariffs">
      <header class="page-head">
        <div>
          <h1>{calendar ? w.calendar : examples ? w.examples : w.title}</h1>
          <p class="ink2">{calendar ? w.calendarLead : examples ? w.examplesLead : w.lead}</p>
        </div>
        <Tabs />
      </header>
      {calendar ? <CalendarPage /> : examples ? <ExamplesPage /> : <ListPage />}
    </main>
  );
}
