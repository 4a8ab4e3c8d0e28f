import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clips, saveClips } from './clips.ts';
import type { Figures } from './figures.ts';
import { loadRecorder, mean } from './load.ts';
import { Traffic } from './traffic.ts';

/** A sending process, for as long as `work` takes. */
export async function withTraffic(clips: Clips, work: (traffic: Traffic) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-clips-'));
  const file = join(folder, 'clips');
  await saveClips(file, clips);
  const traffic = await Traffic.launch(file);
  try {
    await work(traffic);
  } finally {
    await traffic.close();
    await rm(folder, { recursive: true });
  }
}

/** What recording costs, at 20 and at 100 tracks. */
export async function measureLoad(figures: Figures, clips: Clips): Promise<void> {
  await withTraffic(clips, async traffic => {
    for (const tracks of [20, 100]) {
      const load = await loadRecorder(traffic, { tracks, warmUpMs: 13_000, windowMs: 20_000 });
      const mix = `${tracks} tracks, half Opus at 50 packets/s, half VP8 at 1.5 Mb/s`;
      figures.set(`cpu_us_per_packet_${tracks}`, load.cpuUsPerPacket, `recorder, user + system; ${mix}`);
      figures.set(`cpu_percent_of_a_core_${tracks}`, 100 * load.cpuShare, 'the same, of one core');
      figures.set(
        `packets_lost_${tracks}`,
        load.packetsLost,
        `of ${load.packetsSent} sent; none is sent again`,
      );
      figures.set(`sender_behind_ms_${tracks}`, load.behindMs, 'how late the sender was at worst');
      figures.set(`finalize_ms_${tracks}`, load.finalizeMs, 'from stop to the stored manifest');
      figures.set(
        `rss_mb_per_track_${tracks}`,
        (mean(load.rssMb) - load.idleRssMb) / tracks,
        `beyond the ${Math.round(load.idleRssMb)} MiB of an idle recorder; ${Math.round(mean(load.rssMb))} MiB in all`,
      );
    }
  });
}
