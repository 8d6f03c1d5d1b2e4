/** Where the page begins. */
import './styles/font.css';
import './styles/tokens.css';
import './styles/parts.css';
import './styles/page.css';
import './styles/centre.css';
import './styles/panels.css';
import './styles/engine.css';
import './styles/tariffs.css';
import './styles/cameras.css';
import './styles/sign-in.css';
import { computed, effect, untracked } from '@preact/signals';
import { render } from 'preact';
import { asking, liveToken, restore, session } from './api/session';
import { catalogue, readCatalogue } from './city/catalogue';
import { followGrowth } from './city/growing';
import { followAddress, lotId } from './city/place';
import { countFrom, tally } from './city/tally';
import { hangHooks } from './hooks';
import { listenToKeys } from './keys';
import { cityBody, followLot, line, provideTokens } from './live/city-line';
import { keepTheme } from './look';
import { placeSprite } from './parts/marks';
import { announceAlarms } from './rooms/alarms';
import { Centre } from './rooms/centre';
import { SignIn } from './rooms/sign-in';
import { keepLanguage } from './words';

function Page() {
  if (asking.value) return null;
  return session.value ? <Centre /> : <SignIn />;
}

/** The line lives as long as somebody is signed in; the city is counted once it is read. */
function tie(): void {
  provideTokens(liveToken);
  let on = false;
  effect(() => {
    const wanted = session.value !== null;
    if (wanted !== on) wanted ? line.start() : line.stop();
    on = wanted;
    if (wanted) untracked(() => void line.greet());
    else catalogue.value = null;
  });
  effect(() => {
    const city = catalogue.value;
    if (city) return untracked(() => countFrom(city));
    tally.value = null;
    return undefined;
  });
  followLot(lotId);
  followGrowth(
    computed(() => cityBody.value?.bays ?? null),
    computed(() => catalogue.value?.bays.length ?? null),
    readCatalogue,
  );
}

placeSprite();
keepTheme();
keepLanguage();
followAddress();
listenToKeys();
announceAlarms();
hangHooks();
tie();
void restore();
render(<Page />, document.getElementById('app') as HTMLElement);
