import { type Metrics, OrganizationLabels } from '@cratersync/infra/runtime';
import type { Server } from 'socket.io';
import type { Rooms } from './rooms/rooms.ts';

/** What signaling knows of its rooms, read when somebody asks. */
export function roomMetrics(
  metrics: Metrics,
  { rooms, browsers, sealingKey }: { rooms: Rooms; browsers: Server; sealingKey: string },
): void {
  const labels = new OrganizationLabels(sealingKey);
  const figures = () => rooms.figures();
  metrics.gauge(
    { name: 'cratersync_sockets', help: 'Browsers that are connected.' },
    () => browsers.engine.clientsCount,
  );
  metrics.gauge(
    { name: 'cratersync_rooms', help: 'Rooms with somebody in them, or recording.' },
    () => figures().rooms,
  );
  metrics.gauge(
    { name: 'cratersync_people', help: 'People in rooms, and in lobbies.', labels: ['place'] },
    () => {
      const { people, waiting } = figures();
      return [
        [{ place: 'room' }, people],
        [{ place: 'lobby' }, waiting],
      ];
    },
  );
  metrics.gauge(
    { name: 'cratersync_rooms_recording', help: 'Rooms that are being recorded.' },
    () => figures().recording,
  );
  metrics.gauge(
    { name: 'cratersync_nodes', help: 'Media nodes that are connected.', labels: ['kind'] },
    () => [
      [{ kind: 'sfu' }, rooms.sfus.size],
      [{ kind: 'recorder' }, rooms.recorders.size],
    ],
  );
  metrics.gauge(
    {
      name: 'cratersync_organization_people',
      help: 'People in rooms by organization, which is a keyed hash; the largest, and all others.',
      labels: ['organization'],
    },
    () => labels.samples(figures().peopleByOrganization),
  );
}
