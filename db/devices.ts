import type { AccountId, DeviceId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';

export interface Device {
  deviceId: DeviceId;
  label: string;
  createdAt: Date;
  lastSeenAt: Date;
}

/**
 * The device of an account and a browser, made when it is the first time.
 * @returns isNew: it was made now, and the account has had another one before
 */
export async function seen(
  tx: Tx<Scope>,
  device: { accountId: AccountId; browserHash: Buffer; label: string },
): Promise<{ deviceId: DeviceId; isNew: boolean }> {
  return tx.one(
    `INSERT INTO app.devices (account_id, browser_hash, label) VALUES ($1, $2, $3)
     ON CONFLICT (account_id, browser_hash) DO UPDATE SET label = excluded.label
     RETURNING device_id AS "deviceId",
       xmax = 0 AND EXISTS (SELECT FROM app.devices d WHERE d.account_id = $1 AND d.browser_hash <> $2) AS "isNew"`,
    [device.accountId, device.browserHash, device.label],
  );
}

/** Where an account is signed in now, the device seen last first. */
export const signedIn = (tx: Tx<Scope>, accountId: AccountId, idleMs: number): Promise<Device[]> =>
  tx.query(
    `SELECT d.device_id AS "deviceId", d.label, min(w.created_at) AS "createdAt", max(w.last_seen_at) AS "lastSeenAt"
     FROM app.devices d JOIN app.web_sessions w USING (device_id)
     WHERE d.account_id = $1 AND w.expires_at > now() AND w.last_seen_at > now() - $2 * interval '1 millisecond'
     GROUP BY d.device_id ORDER BY max(w.last_seen_at) DESC, d.device_id`,
    [accountId, idleMs],
  );
