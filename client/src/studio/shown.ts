import type { WantedLayer } from '../protocol.ts';

/** How tall each size of a camera is, the smallest first; see `sendingOptions`. */
const HEIGHTS_PX = [180, 360] as const;
/** So much larger than it was sent a picture may be shown before anybody sees that. */
const STRETCH = 1.25;

/** @param shownPx how tall a picture is shown, in pixels of the screen; 0: it is not seen */
export function layerFor(shownPx: number): WantedLayer {
  if (shownPx === 0) return null;
  const enough = HEIGHTS_PX.findIndex(height => shownPx <= height * STRETCH);
  return enough === -1 ? HEIGHTS_PX.length : enough;
}

/**
 * Tells how tall a picture is shown, whenever that changes: 0 while its element is out of sight, or the page hidden.
 * @returns what ends it, and says 0
 */
export function watchShown(element: HTMLElement, onShown: (shownPx: number) => void): () => void {
  let isInSight = false;
  const tell = () => {
    const { clientWidth, clientHeight } = element;
    // It fills its place, so that the larger side counts.
    const height = Math.max(clientHeight, (clientWidth * 9) / 16);
    onShown(isInSight && !document.hidden ? Math.ceil(height * devicePixelRatio) : 0);
  };
  const sight = new IntersectionObserver(entries => {
    isInSight = entries.at(-1)?.isIntersecting ?? false;
    tell();
  });
  const size = new ResizeObserver(tell);
  sight.observe(element);
  size.observe(element);
  document.addEventListener('visibilitychange', tell);
  return () => {
    sight.disconnect();
    size.disconnect();
    document.removeEventListener('visibilitychange', tell);
    onShown(0);
  };
}
