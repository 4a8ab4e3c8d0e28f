import { join } from 'node:path';
import { bound, launch, type Peer } from './peer.ts';
import type { Outgoing, Target } from './traffic.ts';

/** All tracks in one process, a file each. */
export const gstreamer: Peer = {
  name: 'GStreamer',
  packages: ['gstreamer1.0-tools', 'gstreamer1.0-plugins-base', 'gstreamer1.0-plugins-good'],
  async start(outgoing, targets, folder) {
    const pipelines = targets.flatMap((target, index) => {
      const track = outgoing[index];
      return track === undefined ? [] : pipeline(track, target, join(folder, `${index}.mkv`));
    });
    // -e: SIGINT ends the files before it ends the process.
    const { pid, stop } = launch('gst-launch-1.0', ['-q', '-e', ...pipelines]);
    await bound(targets);
    return { pids: [pid], stop };
  },
};

function pipeline({ kind, payloadType }: Outgoing, { ip, port }: Target, output: string): string[] {
  const codec =
    kind === 'audio' ? 'clock-rate=48000,encoding-name=OPUS' : 'clock-rate=90000,encoding-name=VP8';
  const caps = `application/x-rtp,media=${kind},payload=${payloadType},${codec}`;
  const depay = kind === 'audio' ? ['rtpopusdepay'] : ['rtpvp8depay'];
  const source = ['udpsrc', `address=${ip}`, `port=${port}`, `caps=${caps}`, 'buffer-size=4194304'];
  const sink = ['matroskamux', '!', 'filesink', `location=${output}`];
  return [...source, '!', 'rtpjitterbuffer', '!', ...depay, '!', ...sink];
}
