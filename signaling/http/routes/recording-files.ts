import type { Request } from 'express';
import {
  projectFormat,
  renderId as renderIdSchema,
  rest,
  stemId as stemIdSchema,
} from '../../protocol/index.ts';
import { pathId } from './path-id.ts';

/** What can be downloaded, below a recording: and where the worker has it, below the same. @throws `not_found` */
export const recordingFiles: Record<string, (request: Pick<Request, 'params'>) => string> = {
  '/stems/:stemId/preview': ({ params }) =>
    `/stems/${pathId(stemIdSchema, params['stemId'], 'stem')}/preview`,
  '/stems/:stemId/:format': ({ params }) => {
    const stemId = pathId(stemIdSchema, params['stemId'], 'stem');
    return `/stems/${stemId}/${pathId(rest.stemFile.shape.format, params['format'], 'stem')}`;
  },
  '/stems.zip': () => '/stems.zip',
  '/renders/:renderId': ({ params }) => `/renders/${pathId(renderIdSchema, params['renderId'], 'file')}`,
  '/projects/:project': ({ params }) => `/projects/${pathId(projectFormat, params['project'], 'project')}`,
};
