/** A place in a recording, for people: 3 723 400 000 µs → 1:02:03.4 */
export function clockText(us: number): string {
  const tenths = Math.round(us / 1e5);
  const hours = Math.floor(tenths / 36_000);
  const minutes = Math.floor(tenths / 600) % 60;
  const seconds = ((tenths % 600) / 10).toFixed(1).padStart(4, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}
