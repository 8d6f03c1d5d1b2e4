/** The list of keys. */
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from '../parts/marks';
import { words } from '../words';
import { helpOpen } from './shown';

const KEYS: readonly [
  string,
  (
    | 'keyFind'
    | 'keyHelp'
    | 'keyUp'
    | 'keyDown'
    | 'keyCity'
    | 'keyZoom'
    | 'keyPan'
    | 'keyFreeze'
    | 'keyLayers'
    | 'keyMap'
    | 'keyAlarms'
    | 'keyEngine'
    | 'keyTariffs'
    | 'keyCameras'
    | 'keyBack'
  ),
][] = [
  ['/', 'keyFind'],
  ['[', 'keyUp'],
  [']', 'keyDown'],
  ['0', 'keyCity'],
  ['+ −', 'keyZoom'],
  ['← ↑ ↓ →', 'keyPan'],
  ['F', 'keyFreeze'],
  ['L', 'keyLayers'],
  ['G M', 'keyMap'],
  ['G A', 'keyAlarms'],
  ['G E', 'keyEngine'],
  ['G T', 'keyTariffs'],
  ['G C', 'keyCameras'],
  ['Esc', 'keyBack'],
  ['?', 'keyHelp'],
];

export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (helpOpen.value) dialog.current?.showModal();
    else dialog.current?.close();
  }, [helpOpen.value]);
  const w = words.value;
  return (
    <dialog
      class="help"
      ref={dialog}
      aria-label={w.keys}
      onClose={() => {
        helpOpen.value = false;
      }}
    >
      <div class="row between">
        <h2>{w.keys}</h2>
        <button
          type="button"
          class="btn ghost sq"
          aria-label={w.close}
          onClick={() => {
            helpOpen.value = false;
          }}
        >
          <Icon name="x" />
        </button>
      </div>
      <dl>
        {KEYS.map(([key, word]) => (
          <div key={key}>
            <dt>
              {key.split(' ').map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{w[word]}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
