import type { Figures } from './figures.ts';
import { type Load, loadRecorder, mean } from './load.ts';
import { countSyncs } from './syncs.ts';
import type { Traffic } from './traffic.ts';

/** Above it the sender has not kept its pace, and what is lost says nothing of the recorder. */
const SENDER_LIMIT_MS = 500;
const STEPS = [100, 140, 200, 280, 400, 560, 800, 1100];
const FLAT_SPEED = 6;

/** Steps up until something is lost, then tries once between the last step that was good and the first that was not. */
export async function measureMaxTracks(figures: Figures, traffic: Traffic): Promise<void> {
  let good = 0;
  let end = 'the highest that was tried';
  const holds = async (tracks: number) => {
    // A round of uploads is in it.
    const load = await loadRecorder(traffic, { tracks, warmUpMs: 4000, windowMs: 10_000 });
    if (load.packetsLost === 0) good = tracks;
    else end = describe(tracks, load);
    return load.packetsLost === 0;
  };
  for (const [index, tracks] of STEPS.entries()) {
    if (await holds(tracks)) continue;
    const before = STEPS[index - 1] ?? 0;
    await holds(Math.round((before + tracks) / 20) * 10);
    break;
  }
  figures.set('max_tracks_no_loss', good, `14 s each; ${end}`);
}

function describe(tracks: number, load: Load): string {
  const percentOf = (packets: number) => ((100 * packets) / load.packetsSent).toFixed(1);
  const lost = `${percentOf(load.packetsLost)} %, ${percentOf(load.packetsUnread)} % of it unread when it stopped`;
  const sender = load.behindMs > SENDER_LIMIT_MS ? ', but the sender was too slow as well' : '';
  return `${tracks} lost ${lost}, at ${Math.round(100 * load.cpuShare)} % of a core${sender}`;
}

/** In a run of its own: being watched costs time. */
export async function measureSyncs(figures: Figures, traffic: Traffic): Promise<void> {
  let perS: number | null = null;
  let said = 'fsync and fdatasync calls, counted by strace in a run of its own';
  await loadRecorder(traffic, {
    tracks: 100,
    warmUpMs: 13_000,
    windowMs: 20_000,
    during: async (pid, windowMs) => {
      try {
        const syncs = await countSyncs(pid, windowMs);
        perS = syncs.perS;
        said += `; one takes ${syncs.meanMs.toFixed(1)} ms`;
      } catch (error) {
        said = `not counted: ${error instanceof Error ? error.message : String(error)}`;
      }
    },
  });
  figures.set('fsyncs_per_s_100', perS, said);
}

/** 20 tracks at six times their pace: a minute, or ten with LONG=1. */
export async function measureFlatness(figures: Figures, traffic: Traffic): Promise<void> {
  const minutes = process.env['LONG'] === '1' ? 10 : 1;
  const load = await loadRecorder(traffic, {
    tracks: 20,
    warmUpMs: 20_000,
    windowMs: minutes * 60_000,
    speed: FLAT_SPEED,
  });
  const { rssMb, packetsLost, packetsSent, packetsUnread } = load;
  const fifth = Math.floor(rssMb.length / 5);
  const [first, last] = [mean(rssMb.slice(0, fifth)), mean(rssMb.slice(-fifth))];
  const said = `20 tracks at ${FLAT_SPEED} times their pace for ${minutes} min`;
  figures.set('rss_growth_mb', last - first, `${said}: last fifth less first fifth, after 20 s of warm-up`);
  figures.set('rss_mb_at_6x', last, 'at its end');
  figures.set(
    'packets_lost_at_6x',
    packetsLost,
    `of ${packetsSent}; ${packetsUnread} unread when it stopped`,
  );
}
