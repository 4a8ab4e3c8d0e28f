import type { z } from 'zod';
import { guestRest, networkProbe } from './protocol.ts';
import { request } from './request.ts';

/** What a guest's page asks for; by itself, so that guests load nothing of what members ask for. */
export const guestApi = {
  previewInvitation: (body: z.input<typeof guestRest.previewInvitation>) =>
    request('POST', '/join/preview', guestRest.invitationPreview, body),
  join: (body: z.input<typeof guestRest.join>) => request('POST', '/join', guestRest.seat, body),
  probeAsGuest: (body: z.input<typeof guestRest.joinNetwork>) =>
    request('POST', '/join/network', networkProbe, body),
};
