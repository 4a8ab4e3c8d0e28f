import { devices, unscoped, webSessions } from '@cratersync/db';
import { Router } from 'express';
import { IDLE_MS } from '../../accounts/web-session.ts';
import { deviceId as deviceIdSchema, errors, type rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { pathId } from './path-id.ts';

/** Where somebody is signed in, and the way to end it. */
export function deviceRoutes({ db, person }: Routes): Router {
  const router = Router();

  router.get('/me/devices', async (request, response) => {
    const { account, deviceId } = await person(request);
    const own = await unscoped(db, tx => devices.signedIn(tx, account.accountId, IDLE_MS));
    response.json({
      devices: own.map(device => ({
        deviceId: device.deviceId,
        label: device.label,
        signedInAt: device.createdAt.toISOString(),
        lastSeenAt: device.lastSeenAt.toISOString(),
        isThis: device.deviceId === deviceId,
      })),
    } satisfies rest.DeviceList);
  });

  router.delete('/me/devices/:deviceId', async (request, response) => {
    const { account } = await person(request);
    const deviceId = pathId(deviceIdSchema, request.params.deviceId, 'device');
    const { accountId } = account;
    if (!(await unscoped(db, tx => webSessions.removeOfDevice(tx, { accountId, deviceId }))))
      throw errors.notFound('device');
    response.status(204).end();
  });

  return router;
}
