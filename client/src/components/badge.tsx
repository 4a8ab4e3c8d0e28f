import { type PlainKey, t } from '../i18n/t.ts';
import type { State } from '../protocol.ts';

type Tone = 'calm' | 'busy' | 'live' | 'good' | 'bad';

export function Badge({ tone, text }: { tone: Tone; text: string }) {
  return <span className={`badge badge-${tone}`}>{text}</span>;
}

const sessionBadges: Record<State<'session'>, [Tone, PlainKey]> = {
  created: ['calm', 'Not started'],
  live: ['live', 'Live'],
  ended: ['calm', 'Ended'],
};
const recordingBadges: Record<State<'recording'>, [Tone, PlainKey]> = {
  starting: ['busy', 'Starting'],
  recording: ['live', 'Recording'],
  draining: ['busy', 'Finishing'],
  finalizing: ['busy', 'Finishing'],
  complete: ['good', 'Complete'],
  incomplete: ['bad', 'Incomplete'],
};
const stemBadges: Record<State<'stem'>, [Tone, PlainKey]> = {
  waiting: ['calm', 'Waiting'],
  rendering: ['busy', 'Being made'],
  ready: ['good', 'Ready'],
  failed: ['bad', 'Failed'],
};

export function SessionBadge({ state }: { state: State<'session'> }) {
  const [tone, text] = sessionBadges[state];
  return <Badge tone={tone} text={t(text)} />;
}

export function RecordingBadge({ state }: { state: State<'recording'> }) {
  const [tone, text] = recordingBadges[state];
  return <Badge tone={tone} text={t(text)} />;
}

export function StemBadge({ state }: { state: State<'stem'> }) {
  const [tone, text] = stemBadges[state];
  return <Badge tone={tone} text={t(text)} />;
}
