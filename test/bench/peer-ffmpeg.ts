import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bound, launch, type Peer } from './peer.ts';
import type { Outgoing, Target } from './traffic.ts';

/** One process a track: a file of its own for each, as a recording of single tracks needs it. */
export const ffmpeg: Peer = {
  name: 'ffmpeg',
  packages: ['ffmpeg'],
  async start(outgoing, targets, folder) {
    const processes: ReturnType<typeof launch>[] = [];
    for (const [index, target] of targets.entries()) {
      const sdp = join(folder, `${index}.sdp`);
      const track = outgoing[index];
      if (track === undefined) throw new Error('there are more targets than tracks');
      await writeFile(sdp, describe(track, target));
      processes.push(launch('ffmpeg', argumentsFor(sdp, join(folder, `${index}.mkv`))));
    }
    await bound(targets);
    const stop = async () => {
      await Promise.all(processes.map(each => each.stop()));
    };
    return { pids: processes.map(({ pid }) => pid), stop };
  },
};

function argumentsFor(sdp: string, output: string): string[] {
  const input = ['-protocol_whitelist', 'file,rtp,udp', '-analyzeduration', '1000000', '-i', sdp];
  return ['-nostdin', '-loglevel', 'error', ...input, '-c', 'copy', '-y', output];
}

function describe({ kind, payloadType }: Outgoing, { ip, port }: Target): string {
  const codec = kind === 'audio' ? 'opus/48000/2' : 'VP8/90000';
  return [
    'v=0',
    `o=- 0 0 IN IP4 ${ip}`,
    's=-',
    `c=IN IP4 ${ip}`,
    't=0 0',
    `m=${kind} ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} ${codec}`,
    '',
  ].join('\r\n');
}
