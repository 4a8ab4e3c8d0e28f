// What one received packet costs the recorder.
import { encodeClips } from './clips.ts';
import { bench } from './figures.ts';
import { loadRecorder, mean } from './load.ts';
import { withTraffic } from './road-load.ts';

await bench('recorder', 30 * 60_000, async figures => {
  await withTraffic(await encodeClips(), async traffic => {
    for (const tracks of [20, 100]) {
      const load = await loadRecorder(traffic, { tracks, warmUpMs: 13_000, windowMs: 20_000 });
      figures.set(
        `cpu_us_per_packet_${tracks}`,
        load.cpuUsPerPacket,
        'user + system, half audio, half video',
      );
      if (tracks < 100) continue;
      figures.set('packets_lost_100', load.packetsLost, `of ${load.packetsSent}`);
      figures.set(
        'rss_mb_per_track',
        (mean(load.rssMb) - load.idleRssMb) / tracks,
        'beyond an idle recorder',
      );
    }
  });
});
