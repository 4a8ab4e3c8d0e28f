import { join } from 'node:path';
import { readConfig, runProcess, systemClock } from '@cratersync/infra/runtime';
import { openUdpReceiver } from './capture/udp/index.ts';
import { recorderShape } from './config.ts';
import { Journal } from './journal/journal.ts';
import { keyMetrics } from './key-metrics.ts';
import { openKeys } from './keys/index.ts';
import { journalMetrics, recorderMetrics, recorderStatus } from './metrics.ts';
import { RecorderNode, TICK_MS } from './node/recorder-node.ts';
import { joinSignaling } from './node/signaling-link.ts';
import { openStore } from './store/index.ts';

runProcess('recorder', async ({ log, metrics, onShutdown, onStatus, env }) => {
  const config = readConfig(recorderShape, env);
  const store = await openStore(config);
  onShutdown(() => store.close());
  const keys = await openKeys(config, keyMetrics(metrics));
  const directory = config.RECORDER_DIR ?? join(config.DATA_DIR, 'recorder');
  const journal = await Journal.open({
    directory,
    store,
    clock: systemClock,
    log,
    ...journalMetrics(metrics),
    onStoreStalled: recordingId => node.storeStalled(recordingId),
    onSettled: chunk => node.settled(chunk),
  });
  onShutdown(() => journal.close());
  const receiver = openUdpReceiver(config.RECORDER_UDP, { clock: systemClock, log });
  onShutdown(() => receiver.close());
  const node = new RecorderNode({
    journal,
    store,
    keys,
    receiver,
    clock: systemClock,
    log,
    directory,
    minFreeBytes: config.RECORDER_MIN_FREE_BYTES,
    plannedHours: config.RECORDER_PLANNED_HOURS,
    tapIp: config.TAP_IP,
    tapSrtp: config.TAP_SRTP,
    nodeId: config.NODE_ID,
  });
  recorderMetrics(metrics, { node, journal });
  onStatus(recorderStatus({ node, journal }));
  await node.recover();
  const timer = setInterval(() => node.tick(), TICK_MS);
  onShutdown(() => clearInterval(timer));
  const socket = joinSignaling({
    url: config.SIGNALING_URL,
    nodeId: config.NODE_ID,
    region: config.NODE_REGION,
    secret: config.NODE_SECRET,
    node,
    log,
    metrics,
  });
  onShutdown(() => {
    socket.disconnect();
  });
  onShutdown(() => node.shutDown());
});
