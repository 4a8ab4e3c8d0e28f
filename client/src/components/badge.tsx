import type { State } from '../protocol.ts';

type Tone = 'calm' | 'busy' | 'live' | 'good' | 'bad';

export function Badge({ tone, text }: { tone: Tone; text: string }) {
  return <span className={`badge badge-${tone}`}>{text}</span>;
}

const sessionBadges: Record<State<'session'>, [Tone, string]> = {
  created: ['calm', 'Not started'],
  live: ['live', 'Live'],
  ended: ['calm', 'Ended'],
};
const recordingBadges: Record<State<'recording'>, [Tone, string]> = {
  starting: ['busy', 'Starting'],
  recording: ['live', 'Recording'],
  draining: ['busy', 'Finishing'],
  finalizing: ['busy', 'Finishing'],
  complete: ['good', 'Complete'],
  incomplete: ['bad', 'Incomplete'],
};
const stemBadges: Record<State<'stem'>, [Tone, string]> = {
  waiting: ['calm', 'Waiting'],
  rendering: ['busy', 'Being made'],
  ready: ['good', 'Ready'],
  failed: ['bad', 'Failed'],
};

export function SessionBadge({ state }: { state: State<'session'> }) {
  const [tone, text] = sessionBadges[state];
  return <Badge tone={tone} text={text} />;
}

export function RecordingBadge({ state }: { state: State<'recording'> }) {
  const [tone, text] = recordingBadges[state];
  return <Badge tone={tone} text={text} />;
}

export function StemBadge({ state }: { state: State<'stem'> }) {
  const [tone, text] = stemBadges[state];
  return <Badge tone={tone} text={text} />;
}
