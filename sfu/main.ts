import { readConfig, runProcess, socketRequests } from '@cratersync/infra/runtime';
import { NODES_NAMESPACE, NODES_PATH, serve } from '@cratersync/signaling/protocol';
import { io } from 'socket.io-client';
import { mediaAddresses, sfuShape } from './config.ts';
import { sfuProcedures } from './control.ts';
import { sfuMetrics } from './metrics.ts';
import { SfuNode } from './node.ts';
import { WorkerPool } from './workers.ts';

runProcess('sfu', async ({ log, metrics, onShutdown, onStatus, env }) => {
  const config = readConfig(sfuShape, env);
  const node = new SfuNode({ tapIp: config.TAP_IP, log });
  const pool = await WorkerPool.open({
    count: config.SFU_WORKERS,
    workerBin: config.MEDIASOUP_WORKER_BIN,
    addresses: mediaAddresses(config),
    firstPort: config.RTC_PORT,
    log,
    onDied: clockId => node.workerDied(clockId),
  });
  onShutdown(() => pool.close());
  node.use(pool);

  const socket = io(config.SIGNALING_URL + NODES_NAMESPACE, {
    path: NODES_PATH,
    transports: ['websocket'],
    auth: {
      kind: 'sfu',
      nodeId: config.NODE_ID,
      region: config.NODE_REGION,
      secret: config.NODE_SECRET,
    },
    reconnectionDelay: 200,
    reconnectionDelayMax: 2000,
  });
  onShutdown(() => {
    socket.disconnect();
  });
  sfuMetrics(metrics, { node, pool });
  onStatus(() => ({ ...node.figures(), workers: pool.size }));
  const counted = socketRequests(metrics, { trusts: true });
  serve(socket, sfuProcedures, node.handlers, {
    context: undefined,
    onFault: (error, name) => log.error({ err: error, request: name }, 'a request failed'),
    around: (asked, work) => counted(asked, work),
  });
  socket.on('connect', () => {
    node.announce(socket).then(
      () => log.info('joined signaling'),
      (error: unknown) => {
        log.error({ err: error }, 'signaling did not take the announcement; trying again');
        socket.disconnect().connect();
      },
    );
  });
  socket.on('disconnect', () => node.disconnected());
  socket.on('connect_error', error =>
    log.warn({ reason: error.message }, 'signaling is not reachable; trying again'),
  );
});
