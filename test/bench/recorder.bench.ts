// What one received packet costs the recorder, beside what it costs others; and where the recorder's limits are.
import { encodeClips } from './clips.ts';
import { bench, type Figures } from './figures.ts';
import { measureFlatness, measureMaxTracks, measureSyncs } from './limits.ts';
import { loadRecorder, mean } from './load.ts';
import { install, loadPeer, type Peer } from './peer.ts';
import { ffmpeg } from './peer-ffmpeg.ts';
import { gstreamer } from './peer-gstreamer.ts';
import { janus } from './peer-janus.ts';
import { withTraffic } from './road-load.ts';
import type { Traffic } from './traffic.ts';
import { measureUpload } from './upload.ts';

const window = { warmUpMs: 13_000, windowMs: 20_000 };
const peersAt: Record<number, Peer[]> = { 20: [janus, ffmpeg, gstreamer], 100: [janus] };

await bench('recorder', 30 * 60_000, async figures => {
  await measureUpload(figures);
  await withTraffic(await encodeClips(), async traffic => {
    for (const tracks of [20, 100]) await compare(figures, traffic, tracks);
    await measureSyncs(figures, traffic);
    await measureMaxTracks(figures, traffic);
    await measureFlatness(figures, traffic);
  });
});

async function compare(figures: Figures, traffic: Traffic, tracks: number): Promise<void> {
  const load = await loadRecorder(traffic, { tracks, ...window });
  const cost = `user + system, encryption and uploads included; ${tracks} tracks`;
  figures.set(`cpu_us_per_packet_${tracks}`, load.cpuUsPerPacket, cost);
  if (tracks === 100) {
    const rssMb = (mean(load.rssMb) - load.idleRssMb) / tracks;
    figures.set('packets_lost_100', load.packetsLost, `of ${load.packetsSent} sent`);
    figures.set(
      'rss_mb_per_track',
      rssMb,
      `at 100 tracks, beyond ${Math.round(load.idleRssMb)} MiB when idle`,
    );
  }
  for (const peer of peersAt[tracks] ?? [])
    await compareTo(peer, figures, traffic, tracks, load.cpuUsPerPacket);
}

async function compareTo(peer: Peer, figures: Figures, traffic: Traffic, tracks: number, oursUs: number) {
  const name = peer.name.toLowerCase();
  try {
    await install(peer);
    const { cpuUsPerPacket, writtenShare } = await loadPeer(traffic, peer, { tracks, ...window });
    const percent = Math.round(100 * writtenShare);
    const said = `its files hold ${percent} % of the payload sent, in bytes`;
    figures.set(`${name}_us_per_packet_${tracks}`, cpuUsPerPacket, said);
    figures.set(
      `${name}_ratio_${tracks}`,
      oursUs / cpuUsPerPacket,
      `CraterSync’s cost by that of ${peer.name}`,
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    figures.set(`${name}_ratio_${tracks}`, null, `could not be had: ${reason.replaceAll(/\s+/g, ' ')}`);
  }
}
