import { z } from 'zod';
import { dtlsParameters, type NetworkProbe } from '../protocol.ts';

/** The ways to the SFU, the best first. By `relay` means TURN, however the browser reaches that. */
const paths = ['udp', 'tcp', 'relay'] as const;
type Path = (typeof paths)[number];

/** How this browser's media would get to the SFU. */
export type NetworkReport =
  | { path: Path; roundTripMs: number | null; uploadBps: number | null }
  | { path: 'none' };

/** Has the SFU open a transport for the try. */
export type OpenProbe = (dtls: z.output<typeof dtlsParameters>) => Promise<NetworkProbe>;

const ICE_TIMEOUT_MS = 6_000;
const OPEN_TIMEOUT_MS = 4_000;
const MESSAGE_BYTES = 16 * 1024;
/** So much is kept waiting in the browser, so that the path and not the script sets the pace. */
const WAITING_BYTES = 256 * 1024;
const MOST_BYTES = 3_000_000;
const MEASURE_MS = 1_500;

/**
 * Tries the way that media would take: ICE to the SFU, then as much data as gets through within a moment.
 * @throws AppError when the SFU opens no transport; `signal`'s reason when it is given up
 */
export async function probeNetwork(open: OpenProbe, signal: AbortSignal): Promise<NetworkReport> {
  const connection = new RTCPeerConnection();
  const close = () => connection.close();
  signal.addEventListener('abort', close);
  try {
    const channel = connection.createDataChannel('probe', {
      negotiated: true,
      id: 0,
      ordered: false,
      maxRetransmits: 0,
    });
    // Not set before the relays are known: from then on the browser looks for ways.
    const offer = await connection.createOffer();
    const fingerprints = fingerprintsOf(offer.sdp ?? '');
    const probe = await open(dtlsParameters.parse({ role: 'client', fingerprints }));
    signal.throwIfAborted();
    connection.setConfiguration({ iceServers: probe.iceServers });
    await connection.setLocalDescription(offer);
    await connection.setRemoteDescription({ type: 'answer', sdp: answerOf(probe) });
    if (!(await until(connection, 'iceconnectionstatechange', isThrough, ICE_TIMEOUT_MS)))
      return { path: 'none' };
    const isOpen = await until(channel, 'open', () => channel.readyState === 'open', OPEN_TIMEOUT_MS);
    signal.throwIfAborted();
    const uploadBps = isOpen ? await measureUpload(channel, signal) : null;
    return { ...(await pathOf(connection)), uploadBps };
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

const isThrough = (connection: RTCPeerConnection) =>
  ['connected', 'completed'].includes(connection.iceConnectionState);

/** @returns whether it came true in time */
function until<T extends EventTarget>(
  target: T,
  event: string,
  isSo: (target: T) => boolean,
  timeoutMs: number,
): Promise<boolean> {
  if (isSo(target)) return Promise.resolve(true);
  return new Promise(resolve => {
    const end = (result: boolean) => {
      clearTimeout(timer);
      target.removeEventListener(event, check);
      resolve(result);
    };
    const check = () => isSo(target) && end(true);
    const timer = setTimeout(() => end(false), timeoutMs);
    target.addEventListener(event, check);
  });
}

/** Bits per second that leave this browser; the path's congestion control sets the pace. */
async function measureUpload(channel: RTCDataChannel, signal: AbortSignal): Promise<number | null> {
  const message = new Uint8Array(MESSAGE_BYTES);
  channel.bufferedAmountLowThreshold = WAITING_BYTES / 2;
  const startMs = performance.now();
  const elapsedMs = () => performance.now() - startMs;
  let sent = 0;
  while (sent < MOST_BYTES && elapsedMs() < MEASURE_MS && channel.readyState === 'open') {
    while (channel.bufferedAmount < WAITING_BYTES && sent < MOST_BYTES) {
      channel.send(message);
      sent += MESSAGE_BYTES;
    }
    await until(channel, 'bufferedamountlow', () => false, 50);
    signal.throwIfAborted();
  }
  const leftBytes = sent - channel.bufferedAmount;
  return leftBytes > 0 ? (leftBytes * 8 * 1000) / elapsedMs() : null;
}

async function pathOf(connection: RTCPeerConnection): Promise<{ path: Path; roundTripMs: number | null }> {
  const stats = new Map<string, Record<string, unknown>>();
  (await connection.getStats()).forEach((each, id) => {
    stats.set(id, each);
  });
  const pairs = [...stats.values()].filter(
    ({ type, state }) => type === 'candidate-pair' && state === 'succeeded',
  );
  const wayOf = (pair: Record<string, unknown>): Path => {
    const local = stats.get(String(pair['localCandidateId']));
    // What a NAT behind the relay makes of a relayed candidate is of another type, and has the protocol still.
    if (local?.['candidateType'] === 'relay' || local?.['relayProtocol'] !== undefined) return 'relay';
    return local?.['protocol'] === 'tcp' ? 'tcp' : 'udp';
  };
  const path = paths.find(each => pairs.some(pair => wayOf(pair) === each)) ?? 'udp';
  const roundTripS = pairs.find(pair => wayOf(pair) === path)?.['currentRoundTripTime'];
  return { path, roundTripMs: typeof roundTripS === 'number' ? roundTripS * 1000 : null };
}

export const fingerprintsOf = (sdp: string): { algorithm: string; value: string }[] =>
  [...sdp.matchAll(/^a=fingerprint:(\S+) (\S+)/gm)].map(([, algorithm = '', value = '']) => ({
    algorithm,
    value,
  }));

const described = z.object({
  iceParameters: z.object({ usernameFragment: z.string(), password: z.string() }),
  iceCandidates: z.array(
    z.object({
      foundation: z.string(),
      priority: z.number(),
      address: z.string(),
      port: z.number(),
      protocol: z.enum(['udp', 'tcp']),
      type: z.string(),
      tcpType: z.string().optional(),
    }),
  ),
  dtlsParameters: z.object({ fingerprints: z.array(z.object({ algorithm: z.string(), value: z.string() })) }),
});

/** The answer that the SFU would give if it spoke SDP (RFC 8841, RFC 8839). */
export function answerOf(probe: unknown): string {
  const { iceParameters, iceCandidates, dtlsParameters: dtls } = described.parse(probe);
  const fingerprint = dtls.fingerprints.find(({ algorithm }) => algorithm === 'sha-256');
  const candidates = iceCandidates.map(each =>
    [
      `a=candidate:${each.foundation} 1 ${each.protocol} ${each.priority} ${each.address} ${each.port} typ ${each.type}`,
      ...(each.tcpType === undefined ? [] : [`tcptype ${each.tcpType}`]),
    ].join(' '),
  );
  return [
    ...['v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0', 'a=ice-lite', 'a=group:BUNDLE 0'],
    ...['m=application 9 UDP/DTLS/SCTP webrtc-datachannel', 'c=IN IP4 0.0.0.0', 'a=mid:0'],
    ...[`a=ice-ufrag:${iceParameters.usernameFragment}`, `a=ice-pwd:${iceParameters.password}`],
    ...candidates,
    'a=end-of-candidates',
    ...[`a=fingerprint:sha-256 ${fingerprint?.value ?? ''}`, 'a=setup:passive'],
    ...['a=sctp-port:5000', 'a=max-message-size:262144', ''],
  ].join('\r\n');
}
