import type { ParticipantId, Source } from '@cratersync/signaling/protocol';
import type { Manifest } from '../format/index.ts';
import type { StemGap as Gap, SegmentFit } from '../timeline/index.ts';
import type { SurveyedStem } from './survey.ts';

/** Where a stem holds nothing, and why. Times are µs of session time. */
export interface StemGap extends Gap {
  /** What is wrong with what is stored. */
  reason?: string;
}

/** How well one stem lies in time, and what is missing from it: one stem's part of the certificate. */
export interface StemSync {
  participantId: ParticipantId;
  source: Source;
  /** 'audio/opus', 'video/vp8', … */
  codec: string;
  /** Of sound; 0 for pictures. */
  channels: number;
  /** Of pictures: the largest that was received. */
  size: { width: number; height: number } | null;
  durationUs: number;
  /** The worst of all segments: 95th percentile of the distance between what was measured and where it was laid. */
  residualMs: number;
  /** How much faster the sender's media clock ran than the session's, weighted by packets; it is resampled out. */
  skewPpm: number;
  /** What stood in for the capture times where there were none. */
  basis: SegmentFit['basis'] | 'mixed';
  reports: { used: number; rejected: number };
  packets: {
    received: number;
    lost: number;
    /** Of those lost, counted as packets of 20 ms: from the forward error correction of the packet behind. */
    rebuilt: number;
    /** Made up by the decoder from what stood before, counted the same way. */
    concealed: number;
    /** Received, but not what it should be. */
    malformed: number;
  };
  gaps: StemGap[];
  notes: string[];
}

/** What only rendering tells. */
export interface Rendered {
  channels: number;
  size: StemSync['size'];
  malformed: number;
  rebuiltSamples: number;
  concealedSamples: number;
  gaps: Gap[];
}

const SAMPLES_PER_PACKET = 960;

export function syncOf(
  manifest: Manifest,
  stem: SurveyedStem,
  codec: string,
  rendered: Rendered,
  notes: string[],
): StemSync {
  const { participantId, source } = stem;
  const tracks = manifest.tracks.filter(
    track => track.participantId === participantId && track.source === source,
  );
  const streams = stem.tracks.flatMap(track => [...track.streams.values()]);
  const fits = streams.flatMap(({ timeline, packets }) => timeline.segments.map(fit => ({ fit, packets })));
  const weight = fits.reduce((sum, { packets }) => sum + packets, 0);
  const bases = new Set(fits.map(({ fit }) => fit.basis));
  const sum = (figure: (fit: SegmentFit) => number) =>
    fits.reduce((total, { fit }) => total + figure(fit), 0);
  return {
    participantId,
    source,
    codec,
    channels: rendered.channels,
    size: rendered.size,
    durationUs: manifest.durationUs,
    residualMs: round(Math.max(0, ...fits.map(({ fit }) => fit.residualMs)), 3),
    skewPpm: round(
      fits.reduce((total, { fit, packets }) => total + fit.skewPpm * packets, 0) / (weight || 1),
      2,
    ),
    basis: bases.size > 1 ? 'mixed' : ([...bases][0] ?? 'arrival'),
    reports: { used: sum(fit => fit.reportsUsed), rejected: sum(fit => fit.reportsRejected) },
    packets: {
      received: streams.reduce((total, { packets }) => total + packets, 0),
      lost: tracks.reduce((total, track) => total + track.counters.packetsLost, 0),
      rebuilt: Math.round(rendered.rebuiltSamples / SAMPLES_PER_PACKET),
      concealed: Math.round(rendered.concealedSamples / SAMPLES_PER_PACKET),
      malformed: rendered.malformed,
    },
    gaps: rendered.gaps.map(gap => explained(gap, stem.damaged)),
    notes,
  };
}

/** A gap over what cannot be read any more says what is wrong with it. */
function explained(gap: Gap, damaged: SurveyedStem['damaged']): StemGap {
  const under = damaged.find(({ startUs, endUs }) => startUs < gap.endUs && endUs > gap.startUs);
  return under === undefined || gap.cause !== 'recorder-damaged' ? gap : { ...gap, reason: under.reason };
}

const round = (value: number, digits: number) => Math.round(value * 10 ** digits) / 10 ** digits;
