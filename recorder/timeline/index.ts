export { GapFinder, type KnownPause, type MediaSpan, type StemGap, type StemGapCause } from './gaps.ts';
export { StreamObserver } from './observe.ts';
export { type ClockMap, fitClocks, fitTimeline, type SegmentFit, type Timeline } from './timeline.ts';
export { sequenceUnwrapper, timestampUnwrapper, type Unwrapper } from './unwrap.ts';
