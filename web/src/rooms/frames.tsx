/** Raw frames as they came over the air: when, on which topic, what became of them, and their bytes. */
import { useState } from 'preact/hooks';
import { timeOf } from '../clock';
import { Icon, Nothing } from '../parts/marks';
import { useReading } from '../parts/reading';
import { words } from '../words';

/** One frame as the gateway tells it; the payload in base64, as it may be anything. */
export type Frame = {
  id: number;
  received_us: number;
  topic: string;
  device: string | null;
  kind: string | null;
  outcome: string;
  detail: string;
  payload: string;
};

const GOOD: Record<string, string> = { accepted: 'ok', repeat: '', late: '' };
export const Outcome = ({ name }: { name: string }) => (
  <span class={`badge ${GOOD[name] ?? 'verify'}`}>{words.value.outcomes[name] ?? name}</span>
);

/** The payload as a person can read it: JSON laid out, other text as it is, bytes in hex. */
export function payloadText({ payload }: Frame): string {
  const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
  }
  try {
    return JSON.stringify(JSON.parse(text), null, 1);
  } catch {
    return text;
  }
}

function Row({ frame, withDevice }: { frame: Frame; withDevice: boolean }) {
  const [open, setOpen] = useState(false);
  const reason = frame.outcome === 'accepted' ? '' : frame.detail;
  return (
    <li class="frame">
      <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
        <span class="ink3">{timeOf(frame.received_us)}</span>
        <Outcome name={frame.outcome} />
        <span class="ell" title={reason}>
          <span class="mono">
            {withDevice ? (frame.device ?? frame.topic) : !reason && payloadText(frame).replace(/\s+/g, ' ')}
          </span>
          {reason && <span class="reason">{reason}</span>}
        </span>
        <Icon name={open ? 'up' : 'down'} />
      </button>
      {open && (
        <div class="frame-body">
          <p class="mono small">{frame.topic}</p>
          {frame.detail && <p class="small warn">{frame.detail}</p>}
          <pre class="mono">{payloadText(frame)}</pre>
        </div>
      )}
    </li>
  );
}

export const FrameList = ({ frames, withDevice = false }: { frames: Frame[]; withDevice?: boolean }) => (
  <ol class="frames">
    {frames.map((frame) => (
      <Row key={frame.id} frame={frame} withDevice={withDevice} />
    ))}
  </ol>
);

export function Frames({ path, turn, withDevice = false }: { path: string; turn: number; withDevice?: boolean }) {
  const w = words.value;
  const { value, error } = useReading<{ items: Frame[] }>(`${path}${path.includes('?') ? '&' : '?'}limit=40`, turn);
  if (error)
    return (
      <p class="problem small">
        <Icon name="alert" />
        {w.httpFailed}
      </p>
    );
  if (!value) return <div class="skeleton" role="status" aria-label={w.loading} />;
  if (value.items.length === 0) return <Nothing icon="sensor" title={withDevice ? w.framesNone : w.noFrames} />;
  return <FrameList frames={value.items} withDevice={withDevice} />;
}
