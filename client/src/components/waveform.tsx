import { useEffect, useRef, useState } from 'react';
import { columns, levelFor, type PeakLevel, type PeaksHead, PeaksSource } from '../player/peaks.ts';
import type { View } from '../player/view.ts';

interface Drawing {
  head: PeaksHead;
  level: PeakLevel;
  buckets: Int8Array;
}

/** A stem's sound over the part of the recording that is shown. Decoration: what it shows is told in words elsewhere. */
export function Waveform({ url, view, isHeard }: { url: string; view: View; isHeard: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [source] = useState(() => new PeaksSource(url));
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const { width, theme } = useSurroundings(canvas);

  useEffect(() => {
    let wanted = true;
    const fetchLevel = async () => {
      const head = await source.head();
      const level = levelFor(head, width / view.lengthS);
      if (level === null) return;
      const buckets = await source.buckets(level);
      if (wanted) setDrawing({ head, level, buckets });
    };
    // Without its waveform a stem can still be heard.
    if (width > 0) fetchLevel().catch(() => undefined);
    return () => {
      wanted = false;
    };
  }, [source, width, view.lengthS]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colours that are read here
  useEffect(() => {
    if (canvas.current !== null && drawing !== null) draw(canvas.current, drawing, view);
  }, [drawing, view, width, theme, isHeard]);

  return <canvas ref={canvas} className={isHeard ? 'waveform' : 'waveform waveform-silent'} />;
}

/** The size it is drawn at, and whether it is light or dark. */
function useSurroundings(canvas: React.RefObject<HTMLCanvasElement | null>) {
  const [width, setWidth] = useState(0);
  const [theme, setTheme] = useState(0);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const repaint = () => setTheme(count => count + 1);
    scheme.addEventListener('change', repaint);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', repaint);
    };
  }, [canvas]);
  return { width, theme };
}

function draw(canvas: HTMLCanvasElement, { head, level, buckets }: Drawing, view: View): void {
  const { clientWidth, clientHeight } = canvas;
  const density = devicePixelRatio;
  canvas.width = Math.round(clientWidth * density);
  canvas.height = Math.round(clientHeight * density);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.fillStyle = getComputedStyle(canvas).color;
  const middle = canvas.height / 2;
  const secondsPerPixel = view.lengthS / canvas.width;
  const shown = { startS: view.startS, secondsPerPixel, width: canvas.width };
  for (const [x, { low, high }] of columns(buckets, head, level, shown).entries()) {
    const top = middle - emphasized(high) * middle;
    const bottom = middle + emphasized(-low) * middle;
    context.fillRect(x, top, 1, Math.max(density, bottom - top));
  }
}

/** Speech lies far below full scale: what is quiet is shown larger than it is. */
const emphasized = (value: number) => Math.sqrt(Math.max(0, value)) * 0.95;
