import { rest } from '../../protocol/index.ts';
import type { Operations } from './operation.ts';

const bytes = { file: 'application/octet-stream' };
const file = { needs: 'nobody', query: rest.downloadQuery } as const;

/** Of links by which a recording is heard and downloaded without an account. */
export const shareOperations: Operations = {
  'GET /recordings/:recordingId/shares': {
    summary: 'The links to a recording that work, without their secrets; newest first',
    needs: 'member',
    answers: { 200: rest.shareList },
  },
  'POST /recordings/:recordingId/shares': {
    summary: 'Make a link to a recording for somebody without an account; it is shown this once',
    needs: 'member',
    body: rest.createShare,
    answers: { 201: rest.createdShare },
    once: true,
  },
  'DELETE /recordings/:recordingId/shares/:shareId': {
    summary: 'End a link, and what is being downloaded by it',
    needs: 'member',
    answers: { 204: 'nothing' },
  },
  'POST /shared': {
    summary: 'What a link to a recording opens, and where its files are downloaded',
    needs: 'nobody',
    body: rest.openShare,
    answers: { 200: rest.sharedRecording },
  },
  'GET /shared/:shareKey/stems.zip': {
    summary: 'All stems together, by a link',
    answers: { 200: { file: 'application/zip' } },
    ...file,
  },
  'GET /shared/:shareKey/stems/:stemId/preview': {
    summary: 'To be heard or seen at once, by a link; a part of it with Range',
    answers: { 200: bytes, 206: bytes },
    ...file,
  },
  'GET /shared/:shareKey/stems/:stemId/:format': {
    summary: 'A file of a stem, by a link; a part of it with Range',
    answers: { 200: bytes, 206: bytes },
    ...file,
  },
  'GET /shared/:shareKey/projects/:project': {
    summary: 'A project for an editor, or the certificate, by a link',
    answers: { 200: bytes },
    ...file,
  },
  'GET /shared/:shareKey/renders/:renderId': {
    summary: 'What was ordered, by a link that opens everything; a part of it with Range',
    answers: { 200: bytes, 206: bytes },
    ...file,
  },
};
