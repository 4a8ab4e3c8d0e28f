import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';

/** A camera that sees a flash on every whole second, in VP8. */

export const FRAMES_A_SECOND = 25;

async function ffmpeg(program: 'ffmpeg' | 'ffprobe', args: string[]): Promise<Buffer> {
  const child = spawn(program, ['-v', 'error', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<number | null>(resolve => child.on('close', resolve));
  const output = await buffer(child.stdout);
  if ((await exited) !== 0) throw new Error(`${program} failed`);
  return output;
}

/** @returns RTP payloads, one a frame: the pictures are small. The first is captured on a whole second. */
export async function flashingFrames(seconds: number): Promise<Buffer[]> {
  const picture = `color=black:s=64x48:r=${FRAMES_A_SECOND}:d=${seconds}`;
  const flash = `drawbox=c=white:t=fill:enable='lt(mod(n,${FRAMES_A_SECOND}),1)'`;
  const codec = ['-c:v', 'libvpx', '-deadline', 'realtime', '-b:v', '100k', '-g', '25', '-auto-alt-ref', '0'];
  const input = ['-f', 'lavfi', '-i', `${picture},${flash},format=yuv420p`];
  const ivf = await ffmpeg('ffmpeg', [...input, ...codec, '-f', 'ivf', 'pipe:1']);
  const payloads: Buffer[] = [];
  for (let at = 32; at < ivf.length; ) {
    const end = at + 12 + ivf.readUInt32LE(at);
    // The payload descriptor of a whole frame in one packet (RFC 7741 section 4.2).
    payloads.push(Buffer.concat([Buffer.from([0x10]), ivf.subarray(at + 12, end)]));
    at = end;
  }
  return payloads;
}

/** @returns when a video file flashes, s */
export async function flashesOf(path: string): Promise<number[]> {
  const entries = ['-show_entries', 'frame=pts_time:frame_tags=lavfi.signalstats.YAVG', '-of', 'csv=p=0'];
  const csv = await ffmpeg('ffprobe', ['-f', 'lavfi', `movie=${path},signalstats`, ...entries]);
  const flashes: number[] = [];
  let wasBright = false;
  for (const line of csv.toString().trim().split('\n')) {
    const [timeS, brightness] = line.split(',').map(Number);
    const bright = (brightness ?? 0) > 128;
    if (bright && !wasBright) flashes.push(timeS ?? 0);
    wasBright = bright;
  }
  return flashes;
}
