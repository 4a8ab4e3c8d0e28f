import type { z } from 'zod';
import { networkProbe, rest } from './protocol.ts';
import { request } from './request.ts';

/** What a guest's page asks for; by itself, so that guests load nothing of what members ask for. */
export const guestApi = {
  previewInvitation: (body: z.input<typeof rest.previewInvitation>) =>
    request('POST', '/join/preview', rest.invitationPreview, body),
  join: (body: z.input<typeof rest.join>) => request('POST', '/join', rest.seat, body),
  probeAsGuest: (body: z.input<typeof rest.joinNetwork>) =>
    request('POST', '/join/network', networkProbe, body),
};
