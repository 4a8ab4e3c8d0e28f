import { z } from 'zod';
import { networkProbe, rest, sessionSettings } from '../../protocol/index.ts';
import type { Operations } from './operation.ts';

const empty = z.strictObject({});
const bytes = { file: 'application/octet-stream' };

/** Of sessions, those who are in them, and what was recorded. */
export const recordingOperations: Operations = {
  'GET /sessions': {
    summary: 'The sessions, to come or past, found by title or by who was there; the latest first',
    needs: 'member',
    scope: 'sessions:read',
    query: rest.sessionQuery,
    answers: { 200: rest.sessionList },
  },
  'POST /sessions': {
    summary: 'Create a session',
    needs: 'member',
    scope: 'sessions:write',
    body: rest.createSession,
    answers: { 201: rest.sessionSummary },
    once: true,
  },
  'GET /sessions/:sessionId': {
    summary: 'A session with its guest links and recordings',
    needs: 'member',
    scope: 'sessions:read',
    answers: { 200: rest.sessionDetail },
  },
  'PATCH /sessions/:sessionId': {
    summary:
      'Give another title or time; say whether people wait to be admitted, and whether anybody new comes in',
    needs: 'member',
    scope: 'sessions:write',
    body: rest.configureSession,
    answers: { 200: sessionSettings },
  },
  'POST /sessions/:sessionId/hold': {
    summary: 'Have nobody delete any recording of this session',
    needs: 'admin',
    body: rest.placeHold,
    answers: { 204: 'nothing' },
  },
  'DELETE /sessions/:sessionId/hold': {
    summary: 'Release the hold on a session',
    needs: 'admin',
    answers: { 204: 'nothing' },
  },
  'POST /sessions/:sessionId/host-seat': {
    summary: 'Take one’s seat as host, or as producer',
    needs: 'member',
    body: rest.hostSeat,
    isBodyOptional: true,
    answers: { 201: rest.seat },
  },
  'POST /sessions/:sessionId/network': {
    summary: 'A transport on which a member’s browser tries its way to the media server',
    needs: 'member',
    body: rest.network,
    answers: { 200: networkProbe },
  },
  'POST /sessions/:sessionId/invitations': {
    summary: 'Make a link for guests, co-hosts or producers; it is shown this once',
    needs: 'member',
    scope: 'sessions:write',
    body: rest.createInvitation,
    isBodyOptional: true,
    answers: { 201: rest.createdInvitation },
    once: true,
  },
  'DELETE /sessions/:sessionId/invitations/:invitationId': {
    summary: 'Revoke a link, also for those inside',
    needs: 'member',
    scope: 'sessions:write',
    answers: { 204: 'nothing' },
  },
  'POST /join/preview': {
    summary: 'What a guest link leads to',
    needs: 'nobody',
    body: rest.previewInvitation,
    answers: { 200: rest.invitationPreview },
  },
  'POST /join/network': {
    summary: 'A transport on which a guest’s browser tries its way to the media server',
    needs: 'nobody',
    body: rest.joinNetwork,
    answers: { 200: networkProbe },
  },
  'POST /join': {
    summary: 'Take a guest’s seat',
    needs: 'nobody',
    body: rest.join,
    answers: { 201: rest.seat },
  },
  'GET /recordings': {
    summary: 'The recordings of all sessions, newest first',
    needs: 'member',
    scope: 'recordings:read',
    query: rest.pageQuery,
    answers: { 200: rest.recordingList },
  },
  'GET /recordings/:recordingId': {
    summary: 'A recording with its stems, and where they are downloaded',
    needs: 'member',
    scope: 'recordings:read',
    answers: { 200: rest.recordingDetail },
  },
  'DELETE /recordings/:recordingId': {
    summary: 'Delete a recording: it is hidden at once, and erased a day later',
    needs: 'admin',
    answers: { 202: rest.deletion },
  },
  'POST /recordings/:recordingId/hold': {
    summary: 'Have nobody delete this recording',
    needs: 'admin',
    body: rest.placeHold,
    answers: { 204: 'nothing' },
  },
  'DELETE /recordings/:recordingId/hold': {
    summary: 'Release the hold on a recording',
    needs: 'admin',
    answers: { 204: 'nothing' },
  },
  'GET /deletions': {
    summary: 'The recordings that were deleted, newest first',
    needs: 'admin',
    query: rest.pageQuery,
    answers: { 200: rest.deletionList },
  },
  'DELETE /deletions/:deletionId': {
    summary: 'Undo a deletion, while there is time; its id is that of the recording',
    needs: 'admin',
    answers: { 204: 'nothing' },
  },
  'GET /deletions/:deletionId/receipt': {
    summary: 'The signed receipt of an erasure',
    needs: 'admin',
    answers: { 200: rest.receipt },
  },
  'POST /recordings/:recordingId/markers': {
    summary: 'Give a place in a recording a name; without a time, this moment, while it is recording',
    needs: 'member',
    scope: 'recordings:write',
    body: rest.addMarker,
    answers: { 201: rest.marker },
    once: true,
  },
  'PATCH /recordings/:recordingId/markers/:markerId': {
    summary: 'Rename or move a marker',
    needs: 'member',
    scope: 'recordings:write',
    body: rest.changeMarker,
    answers: { 200: rest.marker },
  },
  'DELETE /recordings/:recordingId/markers/:markerId': {
    summary: 'Remove a marker',
    needs: 'member',
    scope: 'recordings:write',
    answers: { 204: 'nothing' },
  },
  'POST /recordings/:recordingId/stems': {
    summary: 'Have stems made again',
    needs: 'member',
    scope: 'recordings:write',
    body: rest.renderStems,
    isBodyOptional: true,
    answers: { 202: empty },
  },
  'GET /recordings/:recordingId/stems.zip': {
    summary: 'All stems together',
    needs: 'member',
    scope: 'recordings:read',
    query: rest.downloadQuery,
    answers: { 200: { file: 'application/zip' } },
  },
  'GET /recordings/:recordingId/stems/:stemId/preview': {
    summary: 'To be heard or seen at once, also while the files are being made; a part of it with Range',
    needs: 'member',
    scope: 'recordings:read',
    query: rest.downloadQuery,
    answers: { 200: bytes, 206: bytes },
  },
  'GET /recordings/:recordingId/stems/:stemId/:format': {
    summary: 'A file of a stem; a part of it with Range',
    needs: 'member',
    scope: 'recordings:read',
    query: rest.downloadQuery,
    answers: { 200: bytes, 206: bytes },
  },
  'GET /recordings/:recordingId/projects/:project': {
    summary: 'A project for an editor, or the certificate',
    needs: 'member',
    scope: 'recordings:read',
    query: rest.downloadQuery,
    answers: { 200: bytes },
  },
  'POST /recordings/:recordingId/renders': {
    summary: 'Order an MP3, a film, a mix, a grid',
    needs: 'member',
    scope: 'recordings:write',
    body: rest.orderRender,
    answers: { 202: rest.render },
    once: true,
  },
  'GET /recordings/:recordingId/renders/:renderId': {
    summary: 'What was ordered; a part of it with Range',
    needs: 'member',
    scope: 'recordings:read',
    query: rest.downloadQuery,
    answers: { 200: bytes, 206: bytes },
  },
  'DELETE /recordings/:recordingId/renders/:renderId': {
    summary: 'Cancel an order',
    needs: 'member',
    scope: 'recordings:write',
    answers: { 204: 'nothing' },
  },
};
